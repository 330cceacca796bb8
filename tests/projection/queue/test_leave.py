"""Who is away as planned: what the plan said at a moment, and what the model makes of it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

from agency_world import agency, timeline
from agency_world.export import write_evidence
from agency_world.leave import plan_rows
from agency_world.work import live
from makeorbuy.case.loading import load_case
from makeorbuy.case.template import write_example
from makeorbuy.evidence.intake import take_in
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.queue.arrivals import calibrate_arrivals, draw_arrivals
from makeorbuy.projection.queue.backtest import predicted
from makeorbuy.projection.queue.calibrate import calibrate
from makeorbuy.projection.queue.capacity import Capacity, planned, shifts_of
from makeorbuy.projection.queue.leave import NO_PLAN, LeavePlan, people_by_day
from makeorbuy.projection.queue.log import read_log

from .test_calibrate import START, WEEK, a_log


def plan(*rows: tuple[int, int, int, int, float]) -> LeavePlan:
    """Return a plan; a row is team, first and last day, day known, share present."""
    team, first, last, known = (np.array([row[place] for row in rows], np.int64) for place in range(4))
    return LeavePlan(team, first, last, known, np.array([row[4] for row in rows]))


def test_a_moment_knows_what_was_known_before_its_day() -> None:
    said = plan((0, 100, 106, 50, 0.5), (0, 103, 106, 60, 0.2))
    assert np.isnan(said.until(50).share_present(1, 100, 7)).all()
    assert said.until(60).share_present(1, 100, 7).tolist() == [[0.5] * 7]
    assert said.until(61).share_present(1, 100, 7).tolist() == [[0.5] * 3 + [0.2] * 4]


def test_a_row_without_a_team_is_of_teams_without_rows_of_their_own() -> None:
    said = plan((-1, 10, 12, 1, 0.4), (1, 11, 11, 1, 0.9))
    table = said.share_present(3, 10, 3)
    assert table[0].tolist() == table[2].tolist() == [0.4] * 3
    assert table[1, 1] == 0.9
    assert np.isnan(table[1, [0, 2]]).all()


def test_people_are_those_there_against_those_usually_there() -> None:
    said = plan((0, 0, 9, 0, 0.8), (0, 20, 24, 0, 0.4), (0, 25, 29, 0, 1.0))
    factor = people_by_day(said, 2, 20, 15, (0, 10), frozenset(range(40)))
    assert factor[0].tolist() == pytest.approx([0.5] * 5 + [1.25] * 5 + [1.0] * 5)
    assert factor[1].tolist() == [1.0] * 15


def test_a_team_that_is_nearly_all_away_is_closed_on_most_days() -> None:
    profile = np.zeros((1, 2, 24))
    profile[:, 1, 8:16] = 1.0
    one = np.ones(1)
    team = Capacity(np.array([4.0]), profile, one, 0 * one, one, one, 0 * one, one)
    worked = frozenset(range(200))
    on_duty = [
        shifts_of(team, 0.0, 100 * 24.0, worked, np.full((1, 100), factor)).people
        for factor in (1.0, 0.5, 0.05)
    ]
    assert [int(people.max()) for people in on_duty] == [4, 2, 1]
    opened = int((np.diff(on_duty[2], prepend=0) > 0).sum())
    assert 10 < opened < 35  # a fifth of a person: every fifth day


def test_fewer_come_and_those_wait_longer_when_the_plan_has_them_away() -> None:
    log = a_log(work=0.5, stay=4.0)
    first = int(log.cut // 24)
    log = replace(log, worked_days=log.worked_days | set(range(first, first + 60)))
    away = replace(log, leave=plan((0, first - 400, first - 1, 0, 1.0), (0, first, first + 40, 0, 0.4)))
    assert planned(away, 1, START, log.cut, WEEK)[0].tolist() == pytest.approx([0.4] * 9)
    kind = np.zeros(log.ticket.size, np.int64)
    arrivals = calibrate_arrivals(log, kind, 1, START, np.ones(8))
    usual, fewer = (
        np.mean([draw_arrivals(arrivals, one, log.cut, WEEK, Streams(0), k)[0].size for k in range(1, 60)])
        for one in (log, away)
    )
    assert 0.65 < fewer / usual < 0.75  # half of them report nothing: 1 - 0.5 * 0.6
    slow, quick = (
        np.median([predicted(calibrate(one, START), Streams(1), draw, {})[0, 0] for draw in range(1, 12)])
        for one in (away, log)
    )
    assert slow > 1.3 * quick


def test_what_was_known_later_changes_no_earlier_prediction() -> None:
    log = a_log()
    day = int(log.cut // 24) - 28
    later = replace(log, leave=plan((0, day, day + 27, day + 1, 0.2)))
    moment = day * 24.0
    one, other = (predicted(calibrate(each.until(moment), START), Streams(3), 1, {}) for each in (log, later))
    assert one.tobytes() == other.tobytes()
    assert later.until(moment).leave.team.size == 0
    assert NO_PLAN.share_present(2, 0, 3).shape == (2, 3)


def test_the_roster_of_the_example_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    write_example(folder, "en")
    write_evidence(folder / "evidence", seed=3, size=0.02)
    evidence = take_in(load_case(folder), folder, folder / "out")
    rows = plan_rows(live(3, 0.02))
    with closing(evidence.connect()) as connection:
        assert connection.execute("SELECT count(*) FROM leave").fetchone() == (len(rows),)
        assert connection.execute("SELECT count(*) FROM quarantine WHERE source = 'leave'").fetchone() == (0,)
    log = read_log(evidence)
    first = 19_358 + timeline.day_number(timeline.FIRST_DAY.replace(year=agency.YEAR, month=7, day=8))
    july = log.leave.share_present(len(log.teams), first, 5)
    march = log.leave.share_present(len(log.teams), first - 120, 5)
    assert np.isfinite(july).all() and np.isfinite(march).all()
    assert july.mean() < 0.65 < 0.85 < march.mean()
