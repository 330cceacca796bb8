"""Every sentence a reader of the brief sees, in Bokmål and English, looked up by code.

In: the code of a finding, a reason or a label, and the words and numbers for its slots. Out: a
sentence, with numbers, units and signs as each language writes them. ``nb.toml`` and ``en.toml``
hold the same codes; a native reader changes a sentence there and nowhere else.
"""
