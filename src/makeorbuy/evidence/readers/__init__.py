"""What is peculiar to one source system, one file each, found by `makeorbuy.evidence.registry`.

In: a `makeorbuy.evidence.recognition.Sample` of a file. Out: a `Recognition`, the mapping that is
proposed and what must be asked; and, where the file is no plain table, its rows. Readers know nothing
of each other, and nothing of a case. How to add one: ``docs/recipes/add-a-reader.md``.
"""
