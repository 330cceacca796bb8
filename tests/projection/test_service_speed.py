from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests import sample_case as make

from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.project import project
from makeorbuy.projection.speed import service_speed


def speed_of(statement, kind="bid", target=(48.0, 0.8), clock="elapsed", **rest):
    speed = {} if statement is None else {"it": statement}
    option = make.option("o", kind, ("it",), make.line("p", "price", 1), speed=speed)
    case = make.case((make.service("it", target=target, clock=clock),), (option,), **rest)
    baseline = make.baseline(make.measured("it", make.cost(1)))
    projection = project(case, baseline, Streams(case.seed))
    figures = {figure.id: figure for figure in (*projection.figures, *projection.series)}
    return projection.speeds["it", "o"], projection.speeds["it", "business_as_usual"], figures


def test_unchanged_is_today_in_every_draw() -> None:
    option, usual, figures = speed_of(make.UNCHANGED)
    assert (option.restricted_mean_hours == option.business_as_usual_hours).all()
    assert option.basis == "measured" and usual.basis == "measured"
    ours = figures["projection.speed.curve[it,o]"].rows
    assert ours == figures["projection.speed.curve[it,business_as_usual]"].rows


def test_a_factor_of_one_is_today_and_a_smaller_one_is_faster() -> None:
    same, _, _ = speed_of(make.change(1.0))
    assert (same.restricted_mean_hours == same.business_as_usual_hours).all()
    faster, _, _ = speed_of(make.change(0.9))
    assert (faster.restricted_mean_hours < faster.business_as_usual_hours).all()
    assert faster.basis == "stated"


def test_a_promise_is_marked_if_kept() -> None:
    option, _, figures = speed_of(make.promised(0.8, 24.0, 0.8, 0.5))
    assert option.basis == "promised"
    mean = figures["projection.speed.restricted_mean_hours[it,o]"]
    assert mean.note == "if_kept" and mean.basis == "promised"
    attained = 0.8 * 0.8 + 0.2 * 0.5
    share = speed_of(make.promised(0.8, 24.0, 0.8, 0.5), target=(24.0, 0.8))[0].share_within_target
    assert share is not None and share.mean() == pytest.approx(attained, abs=0.01)


def test_an_offer_that_is_silent_has_no_speed_and_a_silent_option_in_house_stays_as_it_is() -> None:
    silent, _, figures = speed_of(None)
    assert silent.reason == "no_speed_stated"
    assert figures["projection.speed.median_hours[it,o]"].reason == "no_speed_stated"
    in_house, _, _ = speed_of(None, kind="improved")
    assert (in_house.restricted_mean_hours == in_house.business_as_usual_hours).all()


def test_a_service_without_tickets_has_the_baselines_reason() -> None:
    option = make.option("o", "bid", ("it",), make.line("p", "price", 1), speed=make.change(0.5))
    case = make.case((make.service("it"),), (option,))
    projection = project(case, make.baseline(make.unmeasured("it", make.cost(1))), Streams(0))
    assert projection.speeds["it", "o"].reason == "no_tickets"
    figures = {figure.id: figure for figure in projection.figures}
    assert figures["projection.speed.restricted_mean_hours[it,o]"].reason == "no_tickets"


def test_the_horizon_is_that_of_the_services_clock() -> None:
    elapsed, _, figures = speed_of(make.UNCHANGED)
    working, _, other = speed_of(make.UNCHANGED, clock="working")
    assert working.restricted_mean_hours.mean() < elapsed.restricted_mean_hours.mean()
    name = "projection.speed.restricted_mean_hours[it,o]"
    assert "assumption:speed_horizon_hours" in figures[name].inputs
    assert "assumption:speed_horizon_working_hours" in other[name].inputs


def test_without_a_target_there_is_no_share_within_it() -> None:
    _, _, figures = speed_of(make.change(0.9), target=None)
    assert figures["projection.speed.share_within_target[it,o]"].reason == "no_target"


def test_a_curve_that_does_not_reach_says_so() -> None:
    measured = make.measured("it", make.cost(1))
    hours = np.where(np.arange(100) < 60, measured.bootstrap_quantiles, np.inf)
    option = make.option("o", "bid", ("it",), make.line("p", "price", 1), speed=make.change(0.9))
    case = make.case((make.service("it"),), (option,))
    projection = project(case, make.baseline(replace(measured, bootstrap_quantiles=hours)), Streams(0))
    figures = {figure.id: figure for figure in (*projection.figures, *projection.series)}
    assert figures["projection.speed.median_hours[it,o]"].value is not None
    assert figures["projection.speed.p85_hours[it,o]"].reason == "p85_not_reached"
    rows = figures["projection.speed.curve[it,o]"].rows
    assert rows[-1][1] == pytest.approx(0.4, abs=0.02)
    assert (projection.speeds["it", "o"].restricted_mean_hours <= 720).all()


def test_the_curve_falls_and_lies_within_its_band() -> None:
    for statement in (
        make.change({"low": 0.7, "mode": 0.9, "high": 1.2}),
        make.promised(0.8, 20.0, 0.8, 0.5),
    ):
        _, _, figures = speed_of(statement)
        rows = np.array(figures["projection.speed.curve[it,o]"].rows)
        assert len(rows) <= 160 and rows[0].tolist() == [0, 1, 1, 1]
        assert (np.diff(rows[:, 0]) >= 0).all() and (np.diff(rows[:, 1]) < 0).all()
        assert (rows[:, 2] <= rows[:, 1]).all() and (rows[:, 1] <= rows[:, 3]).all()


def test_there_is_no_backtest_without_a_queue_model() -> None:
    option, _, figures = speed_of(make.change(0.9))
    assert option.backtest_reason == "no_queue_model"
    assert figures["projection.speed.backtest[it,o]"].reason == "no_queue_model"


def test_the_size_of_a_chunk_does_not_move_a_bit(monkeypatch) -> None:
    whole, _, _ = speed_of(make.promised(0.8, 20.0, 0.8, 0.5))
    monkeypatch.setattr(service_speed, "CHUNK", 37)
    pieces, _, _ = speed_of(make.promised(0.8, 20.0, 0.8, 0.5))
    assert (whole.restricted_mean_hours == pieces.restricted_mean_hours).all()
    assert (whole.share_within_target == pieces.share_within_target).all()
