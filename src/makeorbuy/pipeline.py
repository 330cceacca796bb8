"""The order of everything: load, take in, measure, project, analyse, say, show.

This is the recipe and the only place that knows the order, the seed, the clock and what is kept.
Reads top to bottom; no stage knows the next.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from makeorbuy import __version__
from makeorbuy.foundation.errors import InputError, Problem
from makeorbuy.foundation.personal_data import masked
from makeorbuy.foundation.streams import Streams

if TYPE_CHECKING:
    from makeorbuy.assessment.model import Assessment
    from makeorbuy.case.model import Case
    from makeorbuy.evidence.detectors import Finding
    from makeorbuy.evidence.first_look import Answers
    from makeorbuy.projection.queue.backtest import Backtest

Progress = Callable[[str, float], None]
"""Called with the name of the step and its share done, from 0 to 1."""

ASSESSMENT_FILE = "assessment.json"
KEPT = "kept"
"""Folder in ``out`` of what was simulated; safe to delete."""

LANGUAGES: tuple[Literal["nb", "en"], ...] = ("nb", "en")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run has given: the assessment, the files written, seconds by stage."""

    assessment: Assessment
    files: tuple[Path, ...]
    seconds: Mapping[str, float]


def assess(
    folder: Path,
    *,
    evidence_paths: Mapping[str, Path] | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
    today: date | None = None,
) -> Outcome:
    """Assess a case folder and write ``out/assessment.json`` and the briefs.

    Parameters
    ----------
    folder : Path
        The case folder.
    evidence_paths : mapping of str to Path, optional
        Files to use instead of those named in ``evidence/mapping.yaml``, by source.
    out : Path, optional
        Where results are written; by default ``out`` in the case folder. Safe to delete.
    progress : callable, optional
    today : date, optional
        Written into the vintages of new exports; by default the day on the clock. No figure depends on it.

    Returns
    -------
    Outcome

    Raises
    ------
    CaseError, EvidenceError, HostileFileError
        With every problem found.
    """
    from makeorbuy.assessment.assemble import assemble
    from makeorbuy.assessment.catalogue import catalogue
    from makeorbuy.assessment.document import as_document, to_json
    from makeorbuy.baseline.measure import measure
    from makeorbuy.brief.html import render_html
    from makeorbuy.case.loading import load_case
    from makeorbuy.decision.analyse import analyse
    from makeorbuy.evidence.figures import evidence_figures, vintage_figures
    from makeorbuy.evidence.intake import take_in
    from makeorbuy.evidence.selection import findings_series, selection_findings
    from makeorbuy.evidence.vintages import FOLDER, keep_vintages
    from makeorbuy.foundation.kept_blocks import KeptFolder
    from makeorbuy.projection.project import project

    # what an earlier export said cannot be made again, so it lies beside the case's out/, not within
    vintages = (out or folder) / FOLDER
    out = out or folder / "out"
    stages = _Stages(progress)

    with stages("case"):
        case = load_case(folder, evidence_paths=evidence_paths)
        streams = Streams(case.seed)
    with stages("evidence"):
        evidence = take_in(case, folder, out, progress, link_persons=True)
        intake_figures, intake_series = evidence_figures(evidence, case)
        findings = selection_findings(case, evidence)
        comparisons = keep_vintages(
            case, evidence, out, vintages, today or datetime.now(ZoneInfo(case.calendar.time_zone)).date()
        )
        rewritten_figures, rewritten = vintage_figures(comparisons)
    with stages("baseline"):
        baseline = measure(case, evidence, streams, findings)
    with stages("projection"):
        kept = KeptFolder(out / KEPT)
        projection = project(case, baseline, streams, evidence, keep=kept, progress=progress)
        kept.tidy()
    with stages("decision"):
        analysis = analyse(case, baseline, projection)
    with stages("assessment"):
        assessment = assemble(
            case,
            evidence,
            (
                *intake_figures,
                *rewritten_figures,
                *baseline.figures,
                *projection.figures,
                *analysis.figures,
            ),
            (
                *intake_series,
                rewritten,
                findings_series(findings),
                *baseline.series,
                *projection.series,
                *analysis.series,
            ),
            catalogue(),
            __version__,
        )
        assessment_file = write_atomically(out / ASSESSMENT_FILE, to_json(assessment))
    with stages("brief"):
        document = as_document(assessment)
        briefs = [
            write_atomically(out / brief_name(language, case), render_html(document, language))
            for language in sorted(LANGUAGES, key=lambda code: code != case.language)
        ]
    return Outcome(assessment, (*briefs, assessment_file), stages.seconds)


def read_evidence(case: Case, folder: Path, *, progress: Progress | None = None) -> Assessment:
    """Take in a case's records and return what came in and how it was selected, nothing measured yet.

    The snapshot is kept in ``out`` of the case folder, so that assessing the case does not read it again.

    Raises
    ------
    EvidenceError, HostileFileError
        With every problem found.
    """
    from makeorbuy.assessment.assemble import assemble
    from makeorbuy.assessment.catalogue import catalogue
    from makeorbuy.evidence.figures import evidence_figures
    from makeorbuy.evidence.intake import take_in
    from makeorbuy.evidence.selection import findings_series, selection_findings

    evidence = take_in(case, folder, folder / "out", progress)
    figures, series = evidence_figures(evidence, case)
    findings = findings_series(selection_findings(case, evidence))
    return assemble(case, evidence, figures, (*series, findings), catalogue(), __version__)


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What a first look at records gives.

    Attributes
    ----------
    assessment : Assessment
        Of a case with one service that takes every ticket.
    systems : tuple of str
        What each file was recognised as.
    assumed, remarks : tuple of str
        Codes of what was assumed on the way, and of what the exporter should know.
    """

    assessment: Assessment
    findings: tuple[Finding, ...]
    systems: tuple[str, ...]
    assumed: tuple[str, ...]
    remarks: tuple[str, ...]


def look(
    paths: Sequence[Path], answers: Answers, *, zone: str = "Europe/Oslo", progress: Progress | None = None
) -> FirstLook:
    """Look at exports without a case; nothing is written but a folder that is removed at the end.

    Parameters
    ----------
    paths : sequence of Path
        One export, or those that belong together, such as tickets and their history.
    answers : Answers
    zone : str
        Zone of the times where nothing else tells.
    progress : callable, optional

    Raises
    ------
    EvidenceError, HostileFileError
        With every problem found.
    """
    from makeorbuy.assessment.assemble import assemble
    from makeorbuy.assessment.catalogue import catalogue
    from makeorbuy.baseline.measure import measure
    from makeorbuy.case.first_look import case_of_first_look
    from makeorbuy.evidence.figures import evidence_figures
    from makeorbuy.evidence.first_look import FAR, LONG_AGO, answered, extent, remarks_together
    from makeorbuy.evidence.intake import take_in
    from makeorbuy.evidence.proposal import propose
    from makeorbuy.evidence.selection import (
        findings_series,
        resolutions_begin,
        selection_findings,
    )

    proposals = [propose(path) for path in paths]
    recognised = [proposal.recognition for proposal in proposals]
    sources, assumed = answered(paths, proposals, answers, zone)
    title = ", ".join(masked(path.name) for path in paths)
    with tempfile.TemporaryDirectory(prefix="makeorbuy-look-") as folder:
        out = Path(folder)
        # the first pass tells the period; what counts as open depends on it
        unlimited = case_of_first_look(sources, LONG_AGO, FAR, zone)
        whole = take_in(unlimited, out, out / "whole", progress)
        start, end, measured = extent(whole)
        begun = resolutions_begin(unlimited, whole)
        case = case_of_first_look(sources, begun or start, answers.exported_at or end, zone, measured, title)
        evidence = take_in(case, out, out / "cut", progress)
        figures, series = evidence_figures(evidence, case)
        findings = selection_findings(case, evidence)
        baseline = measure(case, evidence, Streams(case.seed), findings)
        assessment = assemble(
            case,
            evidence,
            (*figures, *baseline.figures),
            (*series, findings_series(findings), *baseline.series),
            catalogue(),
            __version__,
        )
    return FirstLook(
        assessment,
        findings,
        tuple(known.system for known in recognised),
        (*assumed, *(("period_start",) if begun else ())),
        remarks_together(recognised),
    )


def backtest(
    folder: Path,
    *,
    evidence_paths: Mapping[str, Path] | None = None,
    replications: int | None = None,
    threads: int = 2,
    progress: Progress | None = None,
) -> Backtest:
    """Predict weeks of the case's own log that the queue model has not seen, and score the predictions.

    Without `replications` as many are drawn as `assess` draws, and the scores are those of the brief.

    Raises
    ------
    CaseError, EvidenceError, HostileFileError
        With every problem found.
    ModelError
        If the extra is not installed, or the log holds too little.
    """
    from makeorbuy.case.loading import load_case
    from makeorbuy.evidence.intake import take_in
    from makeorbuy.foundation.kept_blocks import KeptFolder
    from makeorbuy.projection.queue.backtest import backtest as predict_and_score
    from makeorbuy.projection.queue.effect import BACKTEST_REPLICATIONS

    case = load_case(folder, evidence_paths=evidence_paths)
    evidence = take_in(case, folder, folder / "out", progress)
    count = replications or BACKTEST_REPLICATIONS
    return predict_and_score(
        case, evidence, Streams(case.seed), replications=count, threads=threads,
        progress=(lambda share: progress("backtest", share)) if progress else None,
        keep=KeptFolder(folder / "out" / KEPT),
    )  # fmt: skip


def brief_name(language: str, case: Case) -> str:
    """Return the brief's file name: ``brief.html`` in the language of the case, the other beside it."""
    return "brief.html" if language == case.language else f"brief.{language}.html"


def read_assessment(path: Path) -> Assessment:
    """Return the assessment of a case folder, or of an ``assessment.json`` given by path.

    Raises
    ------
    InputError
        If there is none.
    CaseError
        If it cannot be read, or was changed after it was written.
    """
    from makeorbuy.assessment.document import from_json

    file = path if path.is_file() else path / "out" / ASSESSMENT_FILE
    if not file.is_file():
        raise InputError(
            problems=[
                Problem(
                    "no_assessment",
                    str(file),
                    None,
                    None,
                    "no file",
                    "an assessment",
                    f"Run `makeorbuy assess {path}` first.",
                )
            ]
        )
    return from_json(file.read_text(encoding="utf-8"), str(file))


def write_atomically(file: Path, text: str) -> Path:
    """Write a file whole or not at all: an interrupted run leaves the old one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return file


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """Give a draft folder that becomes `folder` when all went well, and is gone when not.

    Raises
    ------
    InputError
        If `folder` exists and is not an empty folder: nothing is overwritten.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        found = "a file" if folder.is_file() else "a folder that is not empty"
        mend = "Choose another name, or remove it first; nothing was written."
        raise InputError(
            problems=[Problem("file_exists", str(folder), None, None, found, "a new folder", mend)]
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        yield draft
        draft.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        draft.replace(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


class _Stages:
    """Tell progress and keep seconds by stage."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}
        self.current = ""
        self.began = 0.0

    def __call__(self, name: str) -> _Stages:
        self.current = name
        return self

    def __enter__(self) -> None:
        self.began = time.perf_counter()
        if self.progress:
            self.progress(self.current, 0.0)

    def __exit__(self, *failure: object) -> None:
        self.seconds[self.current] = time.perf_counter() - self.began
        if self.progress and failure[0] is None:
            self.progress(self.current, 1.0)
