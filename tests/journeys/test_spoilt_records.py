"""What the records cannot give is given nowhere: from the finding to the brief, over the whole path."""

from __future__ import annotations

import pytest

from agency_world.export import write_evidence
from makeorbuy.assessment.assemble import assemble
from makeorbuy.assessment.catalogue import catalogue
from makeorbuy.assessment.document import as_document
from makeorbuy.assessment.model import Assessment
from makeorbuy.baseline.measure import measure
from makeorbuy.brief.html import render_html
from makeorbuy.case.loading import load_case
from makeorbuy.case.template import write_example
from makeorbuy.decision.analyse import analyse
from makeorbuy.evidence.detectors import Finding
from makeorbuy.evidence.intake import take_in
from makeorbuy.foundation.figure import split_address
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.project import project

FLOW = ("baseline.flow_time", "baseline.service_level")


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("spoilt") / "case"
    write_example(folder, "en")
    write_evidence(folder / "evidence", size=0.2)
    case = load_case(folder)
    return case, take_in(case, folder, folder / "out")


def assessed(agency, *findings: Finding) -> Assessment:
    case, evidence = agency
    streams = Streams(case.seed)
    baseline = measure(case, evidence, streams, findings)
    projection = project(case, baseline, streams)
    analysis = analyse(case, baseline, projection)
    figures = (*baseline.figures, *projection.figures, *analysis.figures)
    series = (*baseline.series, *projection.series, *analysis.series)
    return assemble(case, evidence, figures, series, catalogue(), "0")


def behind(assessment: Assessment, key: str, seen: set[str]) -> set[str]:
    """Everything that a figure is computed from, through numbers and tables."""
    entry = assessment.figures.get(key) or assessment.series.get(key)
    for name in () if entry is None else entry.inputs:
        if name not in seen:
            seen.add(name)
            behind(assessment, name, seen)
    return seen


@pytest.mark.slow
@pytest.mark.parametrize(
    "prefixes",
    [
        FLOW,
        ("baseline.unit_cost",),
        ("baseline.backlog",),
        ("baseline.demand",),
        (*FLOW, "baseline.unit_cost"),
    ],
)
def test_no_number_from_a_refused_one_has_a_value(agency, prefixes: tuple[str, ...]) -> None:
    made = assessed(agency, Finding("ends_by_the_clock", "tickets", (), (), prefixes))
    refused = {
        key
        for key, figure in made.figures.items()
        if (figure.reason or "").startswith("selection_") and key.startswith(prefixes)
    }
    assert refused
    words = {key for key, figure in made.figures.items() if isinstance(figure.value, (str, bool))}
    for key, figure in made.figures.items():
        if key in words or figure.value is None:
            continue
        rests_on = behind(made, key, set()) & refused
        through_words = any(name in words for name in behind(made, key, set()))
        assert not rests_on or through_words, (key, figure.value, sorted(rests_on)[:3])
    if prefixes[0] == FLOW[0]:
        for key, figure in made.figures.items():
            name = split_address(key)[0]
            if name.startswith("projection.speed.") or name in (
                "decision.probability_faster", "decision.probability_both", "decision.speed_change_share",
            ):  # fmt: skip
                assert figure.value is None, key
        assert made.figures["decision.probability_faster[a_bid]"].reason == "selection_ends_by_the_clock"
    for language in ("nb", "en"):
        assert ">None<" not in render_html(as_document(made), language)


@pytest.mark.slow
def test_what_spoils_the_times_stands_by_the_speed_of_every_option(agency) -> None:
    made = assessed(agency, Finding("short_ones_missing", "tickets", (), FLOW))
    plain = assessed(agency)
    for key, figure in made.figures.items():
        name = split_address(key)[0]
        if name in ("projection.speed.restricted_mean_hours", "decision.probability_faster") and (
            figure.value is not None
        ):
            assert figure.spoilt_by == ("short_ones_missing",), key
        if name == "decision.net_saving_nok":
            assert figure.spoilt_by == ()
        assert figure.value == plain.figures[key].value  # a mark moves nothing
    page = render_html(as_document(made), "en")
    assert "The quickest tickets are missing" in page
    assert "The quickest tickets are missing" not in render_html(as_document(plain), "en")
