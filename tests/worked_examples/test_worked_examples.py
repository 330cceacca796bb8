"""Run every worked example that somebody has written in YAML.

A controller can add one without reading code: see the head of ``discounting.yaml``. A slip in the YAML is
told as such, with file and name, not as a wrong number.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML
from tests import sample_case as make

from makeorbuy.decision.analyse import analyse
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.project import project

FOLDER = Path(__file__).parent
KEYS = {
    "name",
    "function",
    "input",
    "at",
    "sum",
    "figure",
    "part",
    "case",
    "in",
    "gives",
    "tolerance",
    "source",
}
CASE_KEYS = {"horizon_years", "draws", "assumptions", "services", "options"}
SERVICE_KEYS = {"staff", "other", "avoidable", "run_off", "units"}
OPTION_KEYS = {"kind", "services", "lines"}
LINE_KEYS = {"kind", "mnok", "per", "growth", "index_wage_share", "chance", "source", "years"}
UNITS = {"MNOK": 1e6, None: 1.0}


class SlipInExample(AssertionError):
    """A worked example is not written as it must be."""


def read_examples(text: str, file: str) -> list[dict[str, Any]]:
    """Return the examples of a file; raise SlipInExample for one that cannot be run."""
    found = YAML(typ="safe", pure=True).load(text)
    if not isinstance(found, list):
        raise SlipInExample(f"{file}: expected a list of examples, each beginning with `- name:`")
    for number, example in enumerate(found, start=1):
        where = f"{file}, example {number} ({example.get('name', 'without a name')})"
        check_keys(where, example, KEYS)
        for key in ("name", "gives", "tolerance", "source"):
            if key not in example:
                raise SlipInExample(f"{where}: `{key}` is missing")
        if ("function" in example) == ("figure" in example):
            raise SlipInExample(f"{where}: expected either `function` or `figure`")
        if example.get("in") not in UNITS:
            raise SlipInExample(f"{where}: `in` is {example['in']!r}, expected MNOK or nothing")
        case = example.get("case", {})
        check_keys(f"{where}, case", case, CASE_KEYS)
        for name, service in case.get("services", {}).items():
            check_keys(f"{where}, service {name}", service, SERVICE_KEYS)
        for name, option in case.get("options", {}).items():
            check_keys(f"{where}, option {name}", option, OPTION_KEYS)
            for line, written in option["lines"].items():
                check_keys(f"{where}, line {name}.{line}", written, LINE_KEYS)
    return found


def check_keys(where: str, written: dict[str, Any], allowed: set[str]) -> None:
    unknown = sorted(set(written) - allowed)
    if unknown:
        raise SlipInExample(f"{where}: unknown `{unknown[0]}`, expected one of {', '.join(sorted(allowed))}")


def run(example: dict[str, Any]) -> float:
    """Return the number that an example asks for."""
    return run_function(example) if "function" in example else run_figure(example)


def run_function(example: dict[str, Any]) -> float:
    module, _, name = example["function"].rpartition(".")
    function = getattr(import_module(f"makeorbuy.{module}"), name)
    given = {key: as_input(value) for key, value in example["input"].items()}
    result = function(**given)
    if example.get("sum"):
        return float(np.sum(result))
    return float(result[example["at"]] if "at" in example else result)


def as_input(value: Any) -> Any:
    numbers = isinstance(value, list) and all(isinstance(item, (int, float)) for item in value)
    return np.array(value, dtype=float) if numbers else value


def run_figure(example: dict[str, Any]) -> float:
    written = example["case"]
    services = tuple(
        make.service(name, said["avoidable"], said.get("run_off", (1.0,)), said.get("units", 1))
        for name, said in written["services"].items()
    )
    options = tuple(
        make.option(
            name, said["kind"], tuple(said["services"]),
            *(make_line(line, item, written["horizon_years"]) for line, item in said["lines"].items()),
        )
        for name, said in written.get("options", {}).items()
    )  # fmt: skip
    assume = {**make.NO_GROWTH, "draws": written.get("draws", 100)}
    for name, value in written.get("assumptions", {}).items():
        assume[name] = (value,) * 3 if name in make.NO_GROWTH else value
    case = make.case(services, options, horizon=written["horizon_years"], assume=assume)
    baseline = make.baseline(
        *(
            make.measured(
                name, make.cost(said.get("staff", 0) * make.MNOK, said.get("other", 0) * make.MNOK),
                replicates=100, grid=20,
            )
            for name, said in written["services"].items()
        )
    )  # fmt: skip
    projection = project(case, baseline, Streams(0))
    analysis = analyse(case, baseline, projection)
    figures = {figure.id: figure for figure in (*projection.figures, *analysis.figures)}
    if example["figure"] not in figures:
        raise SlipInExample(f"{example['name']}: no figure {example['figure']}")
    value = getattr(figures[example["figure"]], example.get("part", "value"))
    if value is None:
        raise SlipInExample(f"{example['name']}: no value, {figures[example['figure']].reason}")
    return float(value) / UNITS[example.get("in")]


def make_line(name: str, said: dict[str, Any], horizon: int) -> Any:
    amount = {"value": said["mnok"] * make.MNOK, "source": said.get("source")}
    rest = {key: said[key] for key in ("growth", "index_wage_share", "chance", "years") if key in said}
    per = said.get("per", "year")
    return make.line(name, said["kind"], amount, per=per, **rest)


EXAMPLES = [
    pytest.param(example, id=f"{file.stem}: {example['name']}")
    for file in sorted(FOLDER.glob("*.yaml"))
    for example in read_examples(file.read_text("utf-8"), file.name)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_worked_example(example: dict[str, Any]) -> None:
    found = run(example)
    off = abs(found - example["gives"])
    assert off <= example["tolerance"], f"{example['name']}: {found}, expected {example['gives']}"


def test_there_are_at_least_twelve() -> None:
    assert len(EXAMPLES) >= 12


GOOD = "- {name: n, function: decision.superiority.frechet_bounds, input: {first: 1, second: 1}, at: 0,"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: n", "expected a list"),
        (f"{GOOD} gives: 1, tolerance: 0}}", "`source` is missing"),
        (f"{GOOD} gives: 1, tolerance: 0, source: s, tolerence: 1}}", "unknown `tolerence`"),
        (f"{GOOD} gives: 1, tolerance: 0, source: s, in: GNOK}}", "expected MNOK"),
        ("- {name: n, gives: 1, tolerance: 0, source: s}", "either `function` or `figure`"),
        (
            "- {name: n, figure: f, gives: 1, tolerance: 0, source: s, case: {services: {it: {cost: 1}}}}",
            "service it: unknown `cost`",
        ),
    ],
)
def test_a_slip_in_the_yaml_is_told_as_such(text: str, told: str) -> None:
    with pytest.raises(SlipInExample, match=told):
        read_examples(text, "x.yaml")


def test_a_figure_that_does_not_exist_is_told_as_such() -> None:
    example = {
        "name": "n", "figure": "decision.nothing[it]",
        "case": {"horizon_years": 1, "services": {"it": {"other": 1, "avoidable": 1}}},
    }  # fmt: skip
    with pytest.raises(SlipInExample, match="no figure"):
        run(example)


def test_a_wrong_number_fails() -> None:
    example = dict(EXAMPLES[0].values[0], gives=0.5)
    with pytest.raises(AssertionError, match=r"expected 0\.5"):
        test_worked_example(example)
