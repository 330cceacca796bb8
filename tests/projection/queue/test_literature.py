"""The literature's split and distances, of a model against a log that it made."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.queue.backtest import backtest_log, origins_of
from makeorbuy.projection.queue.literature import ROWS, compared_as_in_papers
from makeorbuy.projection.queue.score import WINDOW_HOURS

from .test_calibrate import START, WEEK, WEEKS, a_log


def test_the_model_of_a_steady_log_is_about_as_near_as_its_replay() -> None:
    log = a_log(stay=4.0)
    found = compared_as_in_papers(log, START, Streams(1))
    assert found is not None
    simulated, replayed, noise = found.rows
    whole = int((np.isfinite(log.ended) & (log.opened >= START)).sum())
    assert found.tested == pytest.approx(whole / 5, rel=0.02)
    assert 0 < found.dropped < 200
    assert noise.cycle_time < replayed.cycle_time + 1.0
    assert simulated.cycle_time < 3.0
    assert simulated.arrival > noise.arrival
    assert len(ROWS) == len(found.rows)
    again = compared_as_in_papers(log, START, Streams(1))
    assert again == found
    assert compared_as_in_papers(log, START, Streams(2)) != found


def test_a_log_without_a_ticket_that_ended_has_no_distances() -> None:
    log = a_log().until(START + 1e-6)
    assert compared_as_in_papers(log, START, Streams(1)) is None


def test_a_short_log_is_tested_every_week_and_not_believed() -> None:
    short = a_log().until(START + 12 * WEEK)
    assert len(origins_of(START, short.cut)) == 0
    found = backtest_log(short, START, {}, Streams(1), replications=8, threads=1)
    assert found.step_weeks == 1
    assert [round((one - START) / WEEK) for one in found.origins] == [6, 7, 8]
    assert found.reason("a") == "too_few_held_out_weeks"
    assert np.isfinite(found.crps[0, :, 0, 0]).all()
    assert WINDOW_HOURS < WEEKS * WEEK
