"""Could others deliver this ICT service cheaper and faster? A case that everybody can check.

The public face, about ten names; heavy parts load when they are touched. Analysts use quantities by
module, such as ``makeorbuy.baseline.flow_time.kaplan_meier``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from makeorbuy.assessment.model import Assessment
    from makeorbuy.assessment.trace import trace
    from makeorbuy.baseline.model import Baseline
    from makeorbuy.case.loading import load_case
    from makeorbuy.case.model import Case
    from makeorbuy.decision.model import DecisionAnalysis
    from makeorbuy.evidence.model import Evidence
    from makeorbuy.foundation.errors import MakeOrBuyError
    from makeorbuy.foundation.figure import Figure, Series
    from makeorbuy.pipeline import assess, read_assessment
    from makeorbuy.projection.model import Projection

_WHERE = {
    "Assessment": "makeorbuy.assessment.model",
    "Baseline": "makeorbuy.baseline.model",
    "Case": "makeorbuy.case.model",
    "DecisionAnalysis": "makeorbuy.decision.model",
    "Evidence": "makeorbuy.evidence.model",
    "Figure": "makeorbuy.foundation.figure",
    "MakeOrBuyError": "makeorbuy.foundation.errors",
    "Projection": "makeorbuy.projection.model",
    "Series": "makeorbuy.foundation.figure",
    "assess": "makeorbuy.pipeline",
    "load_case": "makeorbuy.case.loading",
    "read_assessment": "makeorbuy.pipeline",
    "trace": "makeorbuy.assessment.trace",
}

__all__ = [
    "Assessment",
    "Baseline",
    "Case",
    "DecisionAnalysis",
    "Evidence",
    "Figure",
    "MakeOrBuyError",
    "Projection",
    "Series",
    "assess",
    "load_case",
    "read_assessment",
    "trace",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        try:
            return version("makeorbuy")
        except PackageNotFoundError:  # run from a checkout that is not installed
            return "0.1.0"
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
