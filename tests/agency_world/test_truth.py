"""What really happens, and what it really costs."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from agency_world.truth import (
    OPTIONS,
    TODAY,
    annuity_factor,
    main,
    simulate_option,
    yearly_cost_change_mnok,
)

TRUTH = Path(__file__).with_name("truth.json")


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(TRUTH.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(
    ("option", "expected_mnok"),
    [
        ("a_improved", -8.6),
        ("a_bid", 11.1),
        ("b_bid", 14.9),
        ("payroll_bid", -4.0),
        ("desk_bid", -4.3),
        ("email_bid", -3.1),
    ],
)
def test_yearly_cost(option: str, expected_mnok: float) -> None:
    assert yearly_cost_change_mnok(option) == pytest.approx(expected_mnok, abs=0.05)


def test_annuity_factor_by_hand() -> None:
    assert annuity_factor(0.04, 5) == pytest.approx((1 - 1.04**-5) / 0.04)


def test_truth_covers_every_option(committed: dict[str, Any]) -> None:
    assert set(committed["options"]) == set(OPTIONS)
    for option_id, option in OPTIONS.items():
        found = committed["options"][option_id]
        assert set(found["services"]) == set(option.services)
        assert found["yearly_cost_change_mnok"] == pytest.approx(yearly_cost_change_mnok(option_id), abs=1e-4)


def test_who_is_faster(committed: dict[str, Any]) -> None:
    faster = {
        (option, service): figures["faster_share"]
        for option, found in committed["options"].items()
        for service, figures in found["services"].items()
    }
    for service in OPTIONS["a_improved"].services:
        assert faster[("a_improved", service)] > 0.9
    assert faster[("payroll_bid", "payroll")] > 0.95
    assert faster[("desk_bid", "desk")] < 0.1
    assert 0.2 < faster[("email_bid", "email")] < 0.8
    moderate = [faster[("a_bid", service)] for service in OPTIONS["a_bid"].services]
    assert 0.15 < sum(moderate) / len(moderate) < 0.6
    for service in OPTIONS["b_bid"].services:
        assert faster[("b_bid", service)] < 0.7


def test_a_small_truth_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    main(["--seeds", "1", "--size", "0.02", "--out", str(path)])
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["seeds"] == 1
    assert set(found["options"]) == set(OPTIONS)


def test_small_worlds_give_figures() -> None:
    for figures in simulate_option(TODAY, 5, 0.05).values():
        assert math.isfinite(figures.mean_flow_time_hours)
        assert 0.0 <= figures.within_target_share <= 1.0
        assert figures.open_count >= 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_committed_truth_is_what_the_world_does(committed: dict[str, Any], seed: int) -> None:
    for option_id, option in OPTIONS.items():
        world = simulate_option(option_id, seed)
        for service in option.services:
            expected = committed["options"][option_id]["services"][service]["by_seed_hours"][seed]
            assert world[service].mean_flow_time_hours == pytest.approx(expected, rel=1e-4), (
                option_id,
                service,
            )
