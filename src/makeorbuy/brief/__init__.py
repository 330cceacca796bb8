"""How it is shown: one self-contained page per language.

In: the assessment as plain JSON values (`assessment.json`). Out: HTML with its style and its charts
inside, no script and no network. The brief computes nothing that a decision could rest on: every
number shown is a figure with an address, printed small below its chart. Titles state findings and
are chosen by pure functions of those figures (`makeorbuy.brief.titles`).
"""
