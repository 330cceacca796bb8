"""Could others deliver this ICT service cheaper and faster? A case that everybody can check."""
