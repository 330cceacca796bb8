"""Two event logs, and what the package log-distance-measures says of them.

``python tests/projection/queue/log_making.py`` in an environment with log-distance-measures 2.2.0 prints the
values of `REFERENCE` again; the package needs pandas, SciPy and a solver, so it is no part of the test extra.
"""

from __future__ import annotations

import numpy as np

START = 1_709_164_800  # 2024-02-29, a leap day


def made_log(cases: int, seed: int, slower: float = 1.0) -> dict[str, np.ndarray]:
    """Return columns of a log: cases of one to seven events, some of them at the same time, in any order."""
    rng = np.random.default_rng(seed)
    length = rng.integers(1, 8, cases)
    case = np.repeat(np.arange(cases), length)
    begin = np.sort(rng.integers(0, 60 * 86_400, cases))
    gap = np.round(rng.exponential(7_200.0 * slower, case.size)).astype(np.int64) * (
        rng.random(case.size) < 0.8
    )
    ends = np.cumsum(gap)
    within = ends - np.repeat(np.concatenate(([0], ends[np.cumsum(length)[:-1] - 1])), length)
    start = START + begin[case] + within
    weekday = (start // 86_400 + 3) % 7
    if seed == 2:  # nobody works on Sundays in the second log
        kept = weekday != 6
        case, start = case[kept], start[kept]
    activity = rng.integers(0, 5, case.size)
    end = start + np.round(rng.exponential(3_000.0, case.size)).astype(np.int64)
    order = rng.permutation(case.size)
    return {"case": case[order], "activity": activity[order], "start": start[order], "end": end[order]}


REFERENCE = {
    "n_gram": 0.15341146923398913,
    "absolute": 24.30331623575031,
    "circadian": 1.980922705035844,
    "relative": 0.9445341931208815,
    "cycle_time": 1.3139004469101558,
    "arrival": 32.34669748805671,
}

if __name__ == "__main__":
    import datetime
    import sys
    import time

    import pandas as pd
    from log_distance_measures import absolute_event_distribution as absolute
    from log_distance_measures import case_arrival_distribution as arrival
    from log_distance_measures import circadian_event_distribution as circadian
    from log_distance_measures import cycle_time_distribution as cycle
    from log_distance_measures import n_gram_distribution as grams
    from log_distance_measures import relative_event_distribution as relative
    from log_distance_measures.config import EventLogIDs

    ids = EventLogIDs("case", "activity", "start", "end", "resource")
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 900

    def frame(columns: dict[str, np.ndarray]) -> pd.DataFrame:
        table = pd.DataFrame(columns)
        for name in ("start", "end"):
            table[name] = pd.to_datetime(table[name], unit="s", utc=True)
        return table

    first, second = frame(made_log(cases, 1)), frame(made_log(cases * 8 // 9, 2, 1.4))
    began = time.perf_counter()
    values = {
        "n_gram": grams.n_gram_distribution_distance(first, ids, second, ids),
        "absolute": absolute.absolute_event_distribution_distance(first, ids, second, ids),
        "circadian": circadian.circadian_event_distribution_distance(first, ids, second, ids),
        "relative": relative.relative_event_distribution_distance(first, ids, second, ids),
        "cycle_time": cycle.cycle_time_distribution_distance(
            first, ids, second, ids, datetime.timedelta(hours=1)
        ),
        "arrival": arrival.case_arrival_distribution_distance(first, ids, second, ids),
    }
    took = time.perf_counter() - began
    print(f"{len(first) + len(second)} events, {took:.3f} s")  # noqa: T201
    for name, value in values.items():
        print(f'    "{name}": {float(value)!r},')  # noqa: T201
