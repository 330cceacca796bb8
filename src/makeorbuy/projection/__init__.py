"""How it would be: the cost of each option draw by draw, its speed, and where the speed comes from.

In: `makeorbuy.case.model.Case`, `makeorbuy.baseline.model.Baseline`, streams. Out: `model.Projection`.
Question: what would each option cost and how fast would it be, with what uncertainty. All options
share one set of draws, so that differences are paired.
"""
