"""How fast a way of organising the teams would be: a queue simulation calibrated on the agency's own log.

In: `makeorbuy.case.model.Case`, `makeorbuy.evidence.model.Evidence`, streams. Out: `model.QueueModel`,
`model.Run`, `backtest.Backtest`. Question: what times to resolve follow from teams, hours, routing and
demand, and has the model been right about weeks that it has not seen. Fast with the extra
``makeorbuy[simulate]`` (numba, joblib), slow without. Method and sources: ``docs/methods/queue.md``.
"""
