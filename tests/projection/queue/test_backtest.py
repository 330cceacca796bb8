"""Predictions of weeks that were held out, and what an option's teams do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")
pytest.importorskip("joblib")

from click.testing import CliRunner

from agency_world.export import write_evidence
from makeorbuy import pipeline
from makeorbuy.case.template import write_example
from makeorbuy.cli.main import cli
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.queue import backtest as subject
from makeorbuy.projection.queue import effect
from makeorbuy.projection.queue.backtest import Backtest, predicted
from makeorbuy.projection.queue.calibrate import calibrate
from makeorbuy.projection.queue.score import FOLLOWED_HOURS, QUANTITIES, crps

from .test_calibrate import START, WEEK, a_log


def made(covered: list[float]) -> Backtest:
    """Return a backtest of one service whose 80 % intervals held so often."""
    shape = (len(covered), 1, len(QUANTITIES))
    table = np.full((3, *shape), np.nan)
    table[1, :, 0, 0] = covered
    ones = np.ones((6, *shape))
    return Backtest(("a",), ("team",), (0.0,), 10, ones[0], ones, ones, table, table, ones[0], {})


def test_a_speed_is_unknown_where_the_intervals_cover_too_little() -> None:
    assert made([1.0] * 10).reason("a") is None
    assert made([1.0] * 7 + [0.0] * 5).reason("a") is None  # 58 %: not surely below 80
    assert made([1.0] * 6 + [0.0] * 6).reason("a") == "backtest_failed"
    assert made([1.0] * 5).reason("a") == "too_few_held_out_weeks"


def test_a_stationary_queue_is_predicted_within_its_intervals() -> None:
    """The one case in which the model is the truth: the score must then be near that of the truth."""
    log = a_log()
    truth = subject.tickets_of(log)
    held, places = [], []
    for number in range(8):
        origin = START + (14 + 1.5 * number) * WEEK
        calibration = calibrate(log.until(origin), START)
        ensemble = np.array([predicted(calibration, Streams(number), draw, {}) for draw in range(1, 41)])
        found = subject.quantities(subject.shifted(truth, origin), {}, 1)
        for column in (0, 1, 2, 4, 5, 6):
            members = ensemble[:, 0, column]
            low, high = np.quantile(members, (0.025, 0.975))
            held.append(low <= found[0, column] <= high)
            places.append((members < found[0, column]).mean())
            assert crps(members, found[0, column]) < 0.25 * found[0, column]
    assert np.mean(held) > 0.85
    assert 0.3 < np.mean(places) < 0.7


def test_a_prediction_depends_on_its_address_alone() -> None:
    calibration = calibrate(a_log().until(START + 20 * WEEK), START)
    first = predicted(calibration, Streams(5), 7, {})
    predicted(calibration, Streams(5), 8, {})
    assert first.tobytes() == predicted(calibration, Streams(5), 7, {}).tobytes()
    assert first.tobytes() != predicted(calibration, Streams(6), 7, {}).tobytes()
    assert first[0, 0] <= FOLLOWED_HOURS


TEAMS = """\
teams:
  - {team: E-post og samhandling, people_factor: 1.3, stay_factor: {low: 0.6, mode: 0.7, high: 0.8}}
speed:
  desk: {unchanged: true}
  workplace: {unchanged: true}
  field: {unchanged: true}
  email: {from_teams: true}
"""


@pytest.mark.slow
def test_an_option_that_states_its_teams_is_simulated_if_the_model_has_earned_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "case"
    write_example(folder, "en")
    write_evidence(folder / "evidence", seed=0, size=0.1)
    monkeypatch.setattr(subject, "MOST_ORIGINS", 3)
    monkeypatch.setattr(effect, "BACKTEST_REPLICATIONS", 5)
    monkeypatch.setattr(effect, "WORLDS", 20)
    option = folder / "options/a_improved.yaml"
    option.write_text(option.read_text("utf-8").partition("speed:")[0] + TEAMS, "utf-8")
    done = CliRunner().invoke(cli, ["backtest", str(folder), "--replications", "5", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output[done.output.index("{") :])
    assert set(told["quantities"]) == set(QUANTITIES) and told["origins"] == 3
    printed = CliRunner().invoke(cli, ["backtest", str(folder), "--replications", "5"])
    assert all(word in printed.output for word in ("past", "replay", "noise", "90 % within"))

    name = "projection.speed.restricted_mean_hours[email,a_improved]"
    monkeypatch.setattr(Backtest, "reason", lambda self, service: None)
    first = pipeline.assess(folder).assessment
    figures = first.figures
    assert figures[name].basis == "simulated"
    usual = figures["projection.speed.restricted_mean_hours[email,business_as_usual]"].value
    assert figures[name].value < usual
    # more people and fewer hand-offs: the size is unsure, the sign of so large an effect is not
    assert 0.9 < figures["decision.probability_faster[email,a_improved]"].value <= 1.0
    assert figures["projection.speed.backtest[email,a_improved]"].value is not None
    assert "simulated" in (folder / "out/brief.html").read_text("utf-8")
    facts = {row[1]: row[3] for row in first.series["projection.queue.checklist"].rows if row[2] is None}
    assert facts["worlds"] == 20 and facts["moments"] == 3 and facts["open_at_start"] > 0

    # what has been simulated is found again; damaged, it is simulated again, to the same bit
    def nothing(*_: object, **__: object) -> None:
        raise AssertionError("simulated although it was kept")

    with monkeypatch.context() as stopped:
        stopped.setattr(effect, "simulate", nothing)
        stopped.setattr(subject, "simulate", nothing)
        assert pipeline.assess(folder).assessment == first
    for block in (folder / "out/kept").rglob("*.block"):
        block.write_bytes(block.read_bytes()[:-8] + b"\0" * 8)
    assert pipeline.assess(folder).assessment == first
    shutil.rmtree(folder / "out/kept")
    seen: list[str] = []
    assert pipeline.assess(folder, progress=lambda step, share: seen.append(step)).assessment == first
    assert {"backtest", "simulation"} <= set(seen)

    monkeypatch.setattr(Backtest, "reason", lambda self, service: "backtest_failed")
    figures = pipeline.assess(folder).assessment.figures
    assert figures[name].reason == "backtest_failed"
    assert figures["decision.probability_faster[a_improved]"].value is None


def test_a_change_within_the_models_error_is_not_shown_to_be_faster() -> None:
    rng = np.random.default_rng(0)
    small, smaller, large = (np.full((4000, 3), ratio) for ratio in (0.98, 0.998, 0.6))
    assert 0.5 < (effect.believed(small, 0.1, rng, by_teams=False)[:, 0] < 1).mean() < 0.7
    assert 0.5 < (effect.believed(smaller, 0.1, rng)[:, 0] < 1).mean() < 0.7
    assert (effect.believed(large, 0.1, rng)[:, 0] < 1).mean() > 0.99
    # a small effect of teams is larger than the model says; a large one is not
    told = np.log(effect.believed(small, 0.0, rng))
    assert told.mean() == pytest.approx(effect.TEAMS_SIZE * np.log(0.98), rel=0.1)
    assert effect.believed(large, 0.0, rng).max() < 1.0
    longer = np.log(effect.believed(1.0 / large, 0.1, rng)[:, 0])
    assert longer.max() < np.log(1.0 / 0.6) + 5 * 0.1
    untouched = np.ones((4000, 3))
    assert effect.believed(untouched, 0.1, rng) is untouched
    # one error for all shares of tickets of a world
    assert np.allclose(np.diff(effect.believed(small, 0.1, rng), axis=1), 0.0)
