"""What follows from the projection: superiority, the rule, break-even, what flips it, what to find out."""

from __future__ import annotations

from makeorbuy.baseline.model import Baseline
from makeorbuy.case.model import Case
from makeorbuy.decision.assumed_share import assumed_entries
from makeorbuy.decision.break_even import break_even_figures, price_to_beat_figures
from makeorbuy.decision.first_question import answers_of, question_series
from makeorbuy.decision.flips import flips_series, nearest_flips
from makeorbuy.decision.materiality import materiality_figures
from makeorbuy.decision.model import DecisionAnalysis, ServiceVerdict
from makeorbuy.decision.recommendation import (
    Judged,
    Reason,
    chosen_options,
    judge,
    judge_service,
    recommendation_entries,
)
from makeorbuy.decision.summary import summary_entries
from makeorbuy.decision.superiority import compare, superiority_figures
from makeorbuy.foundation.figure import Figure, Series
from makeorbuy.projection.model import Projection


def analyse(case: Case, baseline: Baseline, projection: Projection) -> DecisionAnalysis:
    """Compare every option with business as usual and apply the rule.

    Parameters
    ----------
    case : Case
    baseline : Baseline
    projection : Projection
        Cost and speed of every option on common draws.

    Returns
    -------
    DecisionAnalysis
    """
    judged: dict[str, Judged] = {}
    entries: list[Figure | Series] = []
    for option in case.options:
        if option.kind == "business_as_usual":
            continue
        comparison = compare(case, baseline, projection, option)
        judged[option.id] = judge(case, comparison)
        entries += superiority_figures(case, comparison)
        entries += materiality_figures(case, comparison)
        entries += break_even_figures(case, projection, comparison)

    chosen = chosen_options(
        (name, item.option.services, item.comparison.expected_saving_nok or 0.0)
        for name, item in judged.items()
        if item.verdict.outcome == "better"
    )
    verdicts: dict[str, ServiceVerdict] = {}
    reasons: dict[str, tuple[Reason, ...]] = {}
    for service in case.services:
        verdicts[service.id], reasons[service.id] = judge_service(case, service.id, judged, chosen)

    entries += recommendation_entries(case, judged, verdicts, reasons)
    entries += price_to_beat_figures(case, baseline, projection, judged, verdicts)
    entries.append(flips_series(nearest_flips(case, baseline, projection, judged, chosen)))
    entries.append(question_series(answers_of(case, projection, judged)))
    entries += assumed_entries(judged)
    entries += summary_entries(case, baseline, judged, verdicts, chosen)
    return DecisionAnalysis(
        {name: item.verdict for name, item in judged.items()},
        verdicts,
        tuple(entry for entry in entries if isinstance(entry, Figure)),
        tuple(entry for entry in entries if isinstance(entry, Series)),
    )
