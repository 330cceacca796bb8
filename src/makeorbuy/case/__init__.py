"""What is asked: the case as written by people.

In: a folder of YAML and CSV. Out: `model.Case`, checked and frozen, with the digest of every file.
Question: which services, which options, which gates, by which rule. Sources: the agency's people.
"""
