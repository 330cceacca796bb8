"""How fast each service would be under each option, draw by draw, and where that speed comes from.

In: today's flow-time quantiles of each bootstrap sample, and what the options say. Out: restricted mean
time and share within target per draw, on the service's own clock. ``docs/methods/speed.md``.
"""
