"""One file per form of export. Readers know nothing of each other.

In: an opened file and its `Source`. Out: a plain text of the mapped columns, one line per record,
which the engine can read without guessing; and the records whose form is wrong.
"""
