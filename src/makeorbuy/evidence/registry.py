"""Find who turns a file into rows: a container by its name, or a reader of one source system.

A reader is a module of ``readers/``; nothing else is needed for it to be found. `Source.reader` names
either.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from makeorbuy.case.model import Source
from makeorbuy.evidence import containers, readers
from makeorbuy.evidence.opening import EvidenceFile
from makeorbuy.evidence.recognition import Recognition, Sample
from makeorbuy.evidence.text import Ordinals, Reading, Table, Tell, write_text

MakesTable = Callable[[EvidenceFile, Source, Tell | None], Table]


@cache
def reader_modules() -> Mapping[str, ModuleType]:
    """Return every reader of a source system by name, in order of name."""
    names = sorted(module.name for module in pkgutil.iter_modules(readers.__path__))
    return {name: import_module(f"{readers.__name__}.{name}") for name in names}


@cache
def table_makers() -> Mapping[str, MakesTable]:
    """Return what `Source.reader` may name: every container, and the readers that make rows themselves."""
    makers: dict[str, MakesTable] = {}
    for module in pkgutil.iter_modules(containers.__path__):
        makers[module.name] = import_module(f"{containers.__name__}.{module.name}").table
    for name, reader in reader_modules().items():
        if hasattr(reader, "table"):
            makers[name] = reader.table
    return makers


def read_source(
    file: EvidenceFile,
    source: Source,
    target: Path,
    tell: Tell | None = None,
    persons: Ordinals | None = None,
) -> Reading:
    """Read one source with the reader that it names, and write its mapped columns for the engine.

    Raises
    ------
    EvidenceError, HostileFileError
        See `makeorbuy.evidence.text.write_text` and the container.
    """
    return write_text(table_makers()[source.reader](file, source, tell), file, source, target, persons)


def recognitions(samples: Iterable[Sample]) -> list[Recognition]:
    """Return what every reader makes of the samples of one file, the best first."""
    found = [
        recognition
        for sample in samples
        for reader in reader_modules().values()
        if (recognition := reader.recognise(sample)) is not None
    ]
    return sorted(found, key=lambda recognition: (-recognition.score, recognition.system))
