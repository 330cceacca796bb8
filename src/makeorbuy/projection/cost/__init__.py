"""What an option costs over its lot, draw by draw, against business as usual over the same services.

In: the case's cost lines, the baseline's cost per service, growth. Out: whole øre per draw and year, and
the equal yearly amounts that the decision compares. Source: circular R-109/21; ``docs/methods/cost.md``.
"""
