"""The example agency: a generated world whose truth is known.

Question: what would an agency's own records look like if everything behind them were known?
In: a seed and a size. Out: the files of a case's evidence folder (`agency_world.export`), a ledger
of every fault that was planted in them (`agency_world.dirt`), and what really happens under each
option (`agency_world.truth`). Everything in it is invented. It imports nothing of the product and
shares no stream of random numbers with it, because a product tested on its own output proves nothing.
"""
