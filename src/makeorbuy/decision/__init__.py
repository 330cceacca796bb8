"""What follows: P(cheaper), P(faster), a recommendation by a rule fixed beforehand, what would flip it.

In: `makeorbuy.case.model.Case`, `makeorbuy.baseline.model.Baseline`,
`makeorbuy.projection.model.Projection`. Out: `model.DecisionAnalysis`. Question: keep, improve,
move, not allowed or undecided - and what would settle it.
"""
