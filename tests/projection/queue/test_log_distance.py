"""Distances of logs against the package log-distance-measures 2.2.0 and against values worked by hand."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from makeorbuy.projection.queue.log_distance import (
    MOST_APART,
    EventLog,
    distances,
    events_of_visits,
    literature_split,
    replay,
    wasserstein,
)

from .log_making import REFERENCE, START, made_log

HOUR = 3600


def log_of(*events: tuple[int, int, int, int]) -> EventLog:
    """Return a log of (case, activity, start, end), in hours since a Monday."""
    monday = 4 * 24
    table = np.array(events, np.int64)
    return EventLog(table[:, 0], table[:, 1], (table[:, 2] + monday) * HOUR, (table[:, 3] + monday) * HOUR)


def test_the_same_as_the_package() -> None:
    found = asdict(distances(EventLog(**made_log(900, 1)), EventLog(**made_log(800, 2, 1.4))))
    assert found == pytest.approx(REFERENCE, rel=0, abs=1e-9)


def test_the_same_as_the_package_where_it_is_installed() -> None:
    pytest.importorskip("log_distance_measures")
    import pandas as pd
    from log_distance_measures.config import EventLogIDs
    from log_distance_measures.n_gram_distribution import n_gram_distribution_distance

    ids = EventLogIDs("case", "activity", "start", "end", "resource")
    for seed in range(3, 8):
        columns = [made_log(40, seed), made_log(50, seed + 10)]
        theirs = n_gram_distribution_distance(*[part for one in columns for part in (pd.DataFrame(one), ids)])
        ours = distances(*[EventLog(**one) for one in columns]).n_gram
        assert ours == pytest.approx(theirs, abs=1e-9)


def test_a_log_is_no_distance_from_itself_and_order_of_rows_does_not_matter() -> None:
    columns = made_log(300, 5)
    shuffled = {name: values[::-1] for name, values in columns.items()}
    # events of one case at the same time keep their order, so give each a time of its own
    apart = np.arange(columns["case"].size) % 7
    columns = {**columns, "start": columns["start"] + apart, "end": columns["end"] + apart}
    shuffled = {name: values[::-1] for name, values in columns.items()}
    assert set(asdict(distances(EventLog(**columns), EventLog(**shuffled))).values()) <= {0.0}


def test_worked_by_hand() -> None:
    one = log_of((1, 0, 0, 1), (1, 1, 2, 3))
    other = log_of((7, 0, 5, 6), (7, 2, 9, 10))
    found = distances(one, other)
    # 3-grams: 00A 0AB AB0 B00 against 00A 0AC AC0 C00: six of eight differ
    assert found.n_gram == pytest.approx(6 / 8)
    assert found.absolute == pytest.approx((5 + 5 + 7 + 7) / 4)
    assert found.circadian == pytest.approx(6 / 7)  # Monday differs by six hours, the other days have nothing
    assert found.relative == pytest.approx((0 + 0 + 2 + 2) / 4)
    assert found.cycle_time == 2.0
    assert found.arrival == 5.0
    tuesday = log_of((1, 0, 24, 25))
    assert distances(log_of((1, 0, 0, 1)), tuesday).circadian == pytest.approx(2 * MOST_APART / 7)


def test_wasserstein_of_samples_of_different_size() -> None:
    scipy_stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    for _ in range(20):
        one, other = rng.integers(-50, 50, rng.integers(1, 60)), rng.integers(-80, 90, rng.integers(1, 60))
        assert wasserstein(one, other) == pytest.approx(
            scipy_stats.wasserstein_distance(one, other), abs=1e-12
        )


def test_the_split_drops_what_straddles_the_cut() -> None:
    log = log_of((1, 0, 0, 1), (2, 0, 1, 2), (3, 0, 2, 3), (3, 1, 30, 31), (4, 0, 20, 21), (5, 0, 25, 26))
    split = literature_split(log, 0.5)
    assert split.cut == (20 + 96) * HOUR
    assert split.train.case.tolist() == [1, 2] and split.test.case.tolist() == [4, 5]
    assert split.dropped == 1


def test_a_replay_is_later_by_whole_weeks() -> None:
    log = EventLog(**made_log(400, 1))
    split = literature_split(log)
    again = replay(split.train, split.test)
    assert np.unique(again.case).size == np.unique(split.test.case).size
    first = int(again.start.min())
    assert 0 <= first - int(split.test.start.min()) < 7 * 86_400
    assert (first - int(split.train.start[np.isin(split.train.case, again.case)].min())) % (7 * 86_400) == 0
    assert (again.start >= START).all()


def test_visits_become_events_once_they_have_ended() -> None:
    found = events_of_visits(
        np.array([4, 4, 5]),
        np.array([0, 1, 0]),
        np.array([1.0, 2.5, np.inf]),
        np.array([2.0, np.inf, np.inf]),
    )
    assert (found.case.tolist(), found.start.tolist(), found.end.tolist()) == ([4], [3600], [7200])


def test_an_empty_log_is_refused() -> None:
    nothing = np.zeros(0, np.int64)
    with pytest.raises(ValueError, match="without events"):
        EventLog(nothing, nothing, nothing, nothing)
