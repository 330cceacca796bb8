"""Write the list of all kinds of figures: ``python -m makeorbuy.assessment.reference > docs/figures.md``."""

from __future__ import annotations

import sys

from makeorbuy.assessment.catalogue import STAGES, catalogue

_INTRODUCTION = """\
# Every figure

This page is written by `python -m makeorbuy.assessment.reference` from the declarations beside the code
that computes the figures; a test holds it to them. A figure's id is its name with its subject in brackets:
a service, an option, or both (`projection.speed.median_hours[field,a_bid]`). The name tells the file:
`baseline.flow_time.median_hours` is declared in or near `baseline/flow_time.py`. `makeorbuy trace FOLDER ID`
shows where one comes from; `src/makeorbuy/assessment/assessment.schema.json` describes the file that
holds them all (`out/assessment.json`).
"""


def page() -> str:
    """Return the page."""
    lines = [_INTRODUCTION]
    for stage in STAGES:
        lines += [
            f"## {stage}",
            "",
            "| name | unit | Bokmål | English | how | method |",
            "|---|---|---|---|---|---|",
        ]
        for name, spec in sorted(catalogue().items()):
            if name.startswith(f"{stage}."):
                target = spec.method.removeprefix("docs/methods/")
                cells = (f"`{name}`", spec.unit, spec.nb, spec.en, spec.formula, f"[page](methods/{target})")
                lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
