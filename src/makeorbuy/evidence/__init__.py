"""What is known: the organisation's own records, cleaned, nothing lost.

In: files named in ``evidence/mapping.yaml`` with the declared rules of their export. Out:
`model.Evidence`, one immutable hashed snapshot. Question: which rows can be trusted. Every row
ends in a typed table or in quarantine with all its reasons.
"""
