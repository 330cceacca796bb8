"""Every declared kind of figure, collected from the modules that compute them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from makeorbuy.foundation.figure import FigureSpec, specs_by_name

STAGES = ("evidence", "baseline", "projection", "decision")

COMPILED = "makeorbuy.projection.queue."
"""The room that needs the compiler; it declares its figures in ``figures.py``, which loads without."""


@cache
def catalogue() -> Mapping[str, FigureSpec]:
    """Return every declared kind of figure by name.

    A module declares its figures in ``FIGURES`` and is found here without being registered, so that
    a new quantity is one new file.
    """
    groups = []
    for stage in STAGES:
        package = importlib.import_module(f"makeorbuy.{stage}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.startswith(COMPILED) and module.name != f"{COMPILED}figures":
                continue
            groups.append(getattr(importlib.import_module(module.name), "FIGURES", ()))
    return specs_by_name(*groups)
