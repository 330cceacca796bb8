"""How it is today: how fast, how dear, how large a backlog, with honest statistics.

In: `makeorbuy.case.model.Case`, `makeorbuy.evidence.model.Evidence`. Out: `model.Baseline` and its
figures. Question: what would a newcomer measure. Sources: Kaplan and Meier 1958, Greenwood 1926,
Efron and Tibshirani 1993; the page of each method is under ``docs/methods``.
"""
