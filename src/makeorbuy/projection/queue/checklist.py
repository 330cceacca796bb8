"""What a reader needs to judge and to repeat the simulation, item by item, taken from the run itself.

The items are those of the STRESS-DES guideline. What is the same for every run is worded in the brief; here
stands what differs. Loads without the compiler.

References
----------
.. [1] T. Monks, C. S. M. Currie, B. S. Onggo, S. Robinson, M. Kunc and S. J. E. Taylor, "Strengthening the
   reporting of empirical simulation studies: Introducing the STRESS guidelines", Journal of Simulation
   13(1), 55-67, 2019.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from makeorbuy.case.model import Case
from makeorbuy.foundation.figure import Column, FigureSpec, Series, Value
from makeorbuy.foundation.units import HOURS_PER_DAY

if TYPE_CHECKING:
    from makeorbuy.projection.queue.effect import Simulation

CHECKLIST = FigureSpec(
    "projection.queue.checklist", "table",
    "Simuleringen, punkt for punkt (STRESS-DES)", "The simulation, item by item (STRESS-DES)",
    "what the run was given and did, by item of the STRESS-DES guideline",
    "queue.md#checklist",
)  # fmt: skip


def checklist_series(case: Case, simulation: Simulation) -> Series:
    """Return the facts of a run: number of the item, what it is, whose it is, its value."""
    setting = simulation.setting
    rows: list[tuple[Value, ...]] = [("1.1", "service", name, None) for name in simulation.services]
    simulated = [option for option in case.options if option.id in simulation.outcomes]
    rows += [("1.3", "option", option.id, None) for option in simulated]
    for option in simulated:
        said: tuple[tuple[str, int], ...] = (
            ("team_changes", len(option.teams)), ("handoff_changes", len(option.handoffs)),
            ("entry_changes", len(option.entry)), ("demand_changes", len(option.demand)),
        )  # fmt: skip
        rows += [("2.3", name, option.id, count) for name, count in said if count]
    rows += [
        ("2.5.1", "classes", None, 2 * len(simulation.services)),
        ("2.5.2", "visits", None, setting.visits),
        *(
            ("2.5.3", "people", team, float(people))
            for team, people in zip(simulation.teams, setting.people.tolist(), strict=True)
        ),
        ("3.1", "from", None, _day(setting.start)),
        ("3.1", "until", None, _day(simulation.cut)),
        ("3.1", "tickets", None, setting.tickets),
        ("3.3", "new_per_week", None, setting.new_per_week),
        ("4.1", "open_at_start", None, setting.open_at_start),
        ("4.2", "weeks", None, simulation.weeks),
        ("4.3", "worlds", None, setting.worlds),
        ("4.3", "moments", None, len(simulation.tested.origins)),
        ("4.3", "predictions", None, simulation.tested.replications),
        ("5.1", "numpy", None, np.__version__),
        ("5.2", "seed", None, case.seed),
    ]
    columns = (
        Column("item", "id"), Column("fact", "code"), Column("subject", "id"), Column("value", "mixed"),
    )  # fmt: skip
    return Series(CHECKLIST.name, columns, tuple(rows), inputs=("evidence:ticket_events",))


def _day(hours: float) -> str:
    return (date(1970, 1, 1) + timedelta(days=int(hours / HOURS_PER_DAY))).isoformat()
