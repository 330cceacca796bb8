"""The pages behind options that state their teams, and the page that says whether to trust them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from makeorbuy.brief.html import render_html

from .fixture import Document, example
from .test_html import Page

OPTION, SERVICES = "a_improved", ("desk", "workplace")


def series(names: str, rows: list[list[Any]], reason: str | None = None) -> Document:
    columns = [{"name": name, "unit": "count"} for name in names.split()]
    return {"columns": columns, "rows": rows, "reason": reason, "inputs": [], "basis": "simulated"}


@pytest.fixture
def simulated() -> Document:
    document = example()
    services = [s for o in document["case"]["options"] if o["id"] == OPTION for s in o["services"]][:2]
    found = document["series"]
    for place, sid in enumerate(services):
        found[f"projection.queue.backlog[{sid},{OPTION}]"] = series(
            "week_end low median high today_low today_median today_high",
            [
                [day, 400 - 4 * week, 430 - 4 * week, 460 - 4 * week, 420, 450, 480]
                for week in range(53)
                for day in [(date(2025, 1, 1) + timedelta(weeks=week)).isoformat()]
            ],
        )  # fmt: skip
        found[f"projection.queue.within_by_month[{sid},{OPTION}]"] = series(
            "month mean low high today_mean",
            [[f"2025-{m:02d}", 0.6 + m / 100, 0.55, 0.8, 0.6] for m in range(1, 12)],
        )
        assert place < 2
    found[f"projection.queue.clearance[{OPTION}]"] = series(
        "service p50 p85 not_in_year today_p50 today_p85 today_not_in_year",
        [
            [services[0], "2025-05-14", "2025-08-06", 0.02, None, None, 1.0],
            [services[1], None, None, 1.0, None, None, 1.0],
        ],
    )
    found[f"projection.queue.teams[{OPTION}]"] = series(
        "team people_hours_per_week utilisation wait_hours today_people_hours_per_week today_utilisation"
        " today_wait_hours",
        [
            ["Team <b>one</b>", 300.0, 0.97, 14.25, 250.0, 1.04, 60.5],
            ["Team two", 0.0, 0.0, 0.0, 80.0, 0.5, 3.0],
        ],
    )
    found["projection.queue.backtest"] = series(
        "quantity held_50 held_80 held_95 past_weeks_held_80 score_over_past_weeks_drawn_anew"
        " score_over_last_weeks_replayed score_over_sampling_noise",
        [
            ["mean_hours", 0.5, 0.79, 0.95, 0.7, 0.84, 0.5, 3.0],
            ["backlog_4_weeks", 0.3, 0.55, 0.8, 0.7, 1.1, 0.5, None],
        ],
    )
    found["projection.queue.literature"] = series(
        "log tested dropped arrival_hours absolute_hours circadian_hours relative_hours cycle_time_hours mix",
        [
            ["simulated from empty", 1234, 321, 5.04, 6.0, 0.4, 7.0, 8.06, 0.01],
            ["last tickets replayed", 1234, 321, 9.0, 9.0, 0.5, 8.0, 9.0, 0.02],
            ["sampling noise", 1234, 321, 1.0, 1.0, 0.1, 1.0, 1.0, 0.01],
        ],
    )
    found["projection.queue.backtest_services"] = series(
        "service held_80 scored reason",
        [[services[0], 0.8, 12, None], [services[1], 0.2, 12, "backtest_failed"]],
    )
    return document


def section(page: str, anchor: str) -> str:
    found = re.search(rf'<section class="page[^"]*" id="{anchor}">.*?</footer>', page, re.S)
    assert found, anchor
    return found[0]


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_pages_stand_behind_the_option_and_say_what_follows(simulated: Document, language: str) -> None:
    page = render_html(simulated, language)  # type: ignore[arg-type]
    Page(page)
    told = section(page, f"simulation-{OPTION}")
    assert page.index(f'id="option-{OPTION}"') < page.index(f'id="simulation-{OPTION}"')
    for words in ("2025", "97", "&lt;b&gt;one&lt;/b&gt;", "222", "450"):
        assert words in told, words
    assert ("aldri" if language == "nb" else "never") in told
    assert told.count('class="chart"') == 5  # loads; backlog and months of two services
    tested = section(page, "backtest")
    assert "55" in tested and "79" in tested and ("for smale" if language == "nb" else "too narrow") in tested
    assert 'href="#backtest"' in page
    papers = ("321", "5,0", "8,1", "Gjentak") if language == "nb" else ("1,234", "321", "5.0", "replayed")
    assert all(words in tested for words in papers)
    assert ("Fraværsplan" if language == "nb" else "leave plan") not in tested
    for row in simulated["series"]["projection.queue.backtest"]["rows"]:
        row.append("none")
    simulated["series"]["projection.queue.backtest"]["columns"].append({"name": "leave_plan", "type": "text"})
    told = section(render_html(simulated, language), "backtest")  # type: ignore[arg-type]
    assert ("Fraværsplan" if language == "nb" else "leave plan") in told


def test_without_a_simulation_there_is_no_page_of_it() -> None:
    page = render_html(example(), "en")
    assert 'id="simulation-' not in page and 'id="backtest"' not in page and 'href="#backtest"' not in page


def test_intervals_that_hold_are_not_called_narrow(simulated: Document) -> None:
    simulated["series"]["projection.queue.backtest"]["rows"] = [
        ["mean_hours", 0.5, 0.78, 0.95, 0.7, 0.8, 0.5, 3.0]
    ]
    assert "too narrow</h1>" not in section(render_html(simulated, "en"), "backtest")


def backtest_said(document: Document, language: str = "en") -> str:
    return section(render_html(document, language), "backtest")  # type: ignore[arg-type]


def test_the_heading_says_when_the_model_is_no_better_than_past_weeks(simulated: Document) -> None:
    held = ["mean_hours", 0.5, 0.8, 0.95, 0.7]
    rows = simulated["series"]["projection.queue.backtest"]["rows"]
    rows[:] = [[*held, 0.8, 0.5, 3.0]]
    assert "without a model</h1>" not in backtest_said(simulated)
    rows[:] = [[*held, 1.003, 0.5, 3.0], [*held, 0.8, 0.5, 3.0], [*held, 0.996, 0.5, 3.0]]
    assert "two of three quantities are predicted as well without a model</h1>" in backtest_said(simulated)
    assert "to av tre størrelser spås like godt uten modell</h1>" in backtest_said(simulated, "nb")


@pytest.mark.parametrize(
    ("held", "scored", "used", "says_little"),
    [
        (0.58, 12, "used, but weak", True),  # not refused: 57 % is the limit of twelve
        (0.75, 12, ">used<", True),
        (0.58, 400, "used, but weak", False),
        (0.79, 400, ">used<", False),
    ],
)
def test_few_predictions_of_a_service_are_said_to_tell_little(
    simulated: Document, held: float, scored: int, used: str, says_little: bool
) -> None:
    simulated["series"]["projection.queue.backtest_services"]["rows"] = [["desk", held, scored, None]]
    told = backtest_said(simulated)
    assert used in told
    assert (f"{scored} predictions each tell little" in told) == says_little
    assert ("only below 57%" in told) == says_little


def test_a_service_that_failed_its_backtest_is_named_as_left_out(simulated: Document) -> None:
    option = next(o for o in simulated["case"]["options"] if o["id"] == OPTION)
    option["speed"] = {sid: {"kind": "teams"} for sid in option["services"]}
    told = section(render_html(simulated, "en"), f"simulation-{OPTION}")
    assert "Not shown" in told
