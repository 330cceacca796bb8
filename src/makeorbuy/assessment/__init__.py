"""What we say: every figure and series of a run with its provenance, in one file.

In: what the stages before have given. Out: `model.Assessment`, its JSON, its trace and the difference
between two. Question: where does this number come from, and what has moved.
"""
