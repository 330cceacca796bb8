"""The commands. Heavy packages are imported where they are used, so that ``--help`` answers at once."""

from __future__ import annotations

import io
import signal
import sys
from pathlib import Path
from typing import Any

import click

from makeorbuy.foundation.errors import Interrupted, MakeOrBuyError

FOLDER = click.Path(path_type=Path)
LANGUAGE = click.Choice(["nb", "en"])

EXIT_CODES = """\b
Exit codes
  0    done
  2    something in the input must be mended; every problem is listed
  3    the input is well-formed, but no answer exists
  70   our fault
  130  stopped on request; what is done is kept"""


class _Commands(click.Group):
    """Commands in the order a person meets them, not by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="makeorbuy")
def cli() -> None:
    """Could others deliver this ICT service cheaper and faster?

    Turns an agency's own records into a case that everybody can check.

    \b
    First time:
      makeorbuy example my-case         a complete invented agency, assessed
    On your own records:
      makeorbuy look tickets.xlsx       one page about an export, without a case
      makeorbuy map tickets.xlsx        what its columns are, as a proposal
      makeorbuy init our-case           a commented template
      makeorbuy check our-case          every problem at once
      makeorbuy assess our-case         figures, recommendation, brief
    """


@cli.command()
@click.argument("folder", type=FOLDER)
@click.option("--language", type=LANGUAGE, default="nb", show_default=True, help="Language of the case.")
@click.option("--seed", default=0, show_default=True, help="Seed of the invented records.")
@click.option(
    "--teams", is_flag=True, help="Lot A's options state their teams, and their times are simulated."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def example(folder: Path, language: str, seed: int, teams: bool, as_json: bool) -> None:
    """Write the example agency to FOLDER and assess it.

    The agency is invented: 500 people, 18 services, a year of tickets with everything that real logs
    suffer from, offers that look good and are not.

    \b
    makeorbuy example my-case
    makeorbuy example my-case --language en
    makeorbuy example my-case --teams     needs makeorbuy[simulate]
    """
    from makeorbuy.cli.show import progress_on_terminal
    from makeorbuy.pipeline import written_whole

    with progress_on_terminal() as progress:
        with written_whole(folder) as draft:
            _write_agency(draft, language, seed, progress, teams)
        outcome = _assess(folder, {}, None, progress)
    _show_outcome(outcome, language, as_json)


def _write_agency(folder: Path, language: str, seed: int, progress: Any, teams: bool) -> None:
    from agency_world.export import write_evidence
    from makeorbuy.case.template import write_example

    write_example(folder, language, teams=teams)
    write_evidence(
        folder / "evidence", seed=seed, progress=lambda share: progress("the agency's year", share)
    )


FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@cli.command()
@click.argument("files", metavar="FILE...", type=FILE, nargs=-1, required=True)
@click.option(
    "--out", type=FOLDER, help="Write the page (HTML) to this folder; otherwise nothing is written."
)
@click.option("--language", type=LANGUAGE, default="nb", show_default=True)
@click.option("--time-zone", default="", metavar="ZONE", help="Zone of whoever exported; else Europe/Oslo.")
@click.option(
    "--date-format", default="", metavar="FORMAT", help='Such as "%d.%m.%Y %H:%M", where it is not plain.'
)
@click.option(
    "--end", "end_column", default="", metavar="COLUMN", help="Which column is the end of the work."
)
@click.option("--exported-at", type=click.DateTime(), help="When the export was taken, local time.")
@click.option("--sheet", default="", metavar="NAME", help="Which sheet, table or type of object are tickets.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures and findings as JSON.")
def look(
    files: tuple[Path, ...],
    out: Path | None,
    language: str,
    time_zone: str,
    date_format: str,
    end_column: str,
    exported_at: Any,
    sheet: str,
    as_json: bool,
) -> None:
    """Look at a ticket export: how much, how fast, what it cannot answer. No case is needed.

    From an Excel or CSV export to one page. Nothing is written unless --out says where.

    \b
    makeorbuy look tickets.xlsx
    makeorbuy look tickets.csv history.csv --out looked
    """
    from makeorbuy.cli.look import show_look
    from makeorbuy.cli.show import progress_on_terminal
    from makeorbuy.evidence.first_look import Answers
    from makeorbuy.pipeline import look as look_at

    answers = Answers(time_zone, date_format, end_column, exported_at, sheet)
    with progress_on_terminal() as progress:
        seen = look_at(files, answers, progress=progress)
    show_look(seen, out, language, as_json)


@cli.command("map")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--out", type=FOLDER, help="Write mapping.yaml to this folder; never overwrites.")
@click.option("--language", type=LANGUAGE, default="nb", show_default=True, help="Language of the questions.")
@click.option("--json", "as_json", is_flag=True, help="Print the proposal as JSON.")
def map_files(files: tuple[Path, ...], out: Path | None, language: str, as_json: bool) -> None:
    """Recognise exports by their columns and propose one mapping.yaml. A person edits it.

    Shows ten rows as they would be read. What a file does not tell stays TODO, with the question.

    \b
    makeorbuy map tickets.csv
    makeorbuy map tickets.xlsx ledger.xlsx
    makeorbuy map tickets.xlsx --out our-case/evidence
    """
    from makeorbuy.cli.look import show_proposals
    from makeorbuy.evidence.proposal import propose

    show_proposals([propose(file) for file in files], out, language, as_json)


@cli.command()
@click.argument("folder", type=FOLDER)
def init(folder: Path) -> None:
    """Write a commented template of a case to FOLDER. Nothing is overwritten.

    \b
    makeorbuy init our-case
    """
    from makeorbuy.case.template import write_template

    files = write_template(folder)
    for file in files:
        click.echo(str(file))
    click.echo(f"\nFill in the files, then: makeorbuy check {folder}")


@cli.command()
@click.argument("folder", type=FOLDER)
@click.option("--evidence", "pairs", multiple=True, metavar="SOURCE=PATH", help="Read a source from here.")
@click.option("--no-evidence", is_flag=True, help="Read the case only, not the records.")
@click.option("--language", type=LANGUAGE, help="Language of the answer; by default that of the case.")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def check(
    folder: Path, pairs: tuple[str, ...], no_evidence: bool, language: str | None, as_json: bool
) -> None:
    """Print every problem in the case FOLDER at once, and what came in from its records.

    For each source: how many rows could be used, what was set aside and how to mend it, how the export was
    selected and what that spoils, and one request to whoever exported, ready to send. Changes none of your
    files; the records as read are kept in FOLDER/out, where assess finds them again.

    \b
    makeorbuy check our-case
    makeorbuy check our-case --no-evidence --json
    """
    from makeorbuy.case.checks import remarks
    from makeorbuy.case.loading import load_case
    from makeorbuy.cli.show import progress_on_terminal, show_problems
    from makeorbuy.cli.show_evidence import show_checked
    from makeorbuy.foundation.errors import InputError
    from makeorbuy.pipeline import read_evidence
    from makeorbuy.projection.draws import check_numbers

    seen = None
    try:
        case = load_case(folder, evidence_paths=_evidence_paths(pairs))
        check_numbers(case)
        if case.sources and not no_evidence:
            with progress_on_terminal() as progress:
                seen = read_evidence(case, folder, progress=progress)
    except InputError as error:
        show_problems(error, as_json)
        sys.exit(error.exit_code)
    show_checked(case, remarks(case), seen, language or case.language, as_json)


@cli.command()
@click.argument("folder", type=FOLDER)
@click.option("--evidence", "pairs", multiple=True, metavar="SOURCE=PATH", help="Read a source from here.")
@click.option("--out", type=FOLDER, help="Where results are written; by default FOLDER/out.")
@click.option("--language", type=LANGUAGE, help="Language of the table; by default that of the case.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def assess(
    folder: Path, pairs: tuple[str, ...], out: Path | None, language: str | None, as_json: bool
) -> None:
    """Assess the case in FOLDER: figures, a recommendation per service, a brief.

    Rows that cannot be trusted are set aside and counted, never lost. Results go to FOLDER/out, which is
    safe to delete. What has not changed since last time is not read again.

    \b
    makeorbuy assess my-case
    makeorbuy assess examples/servicenow --evidence tickets=incident_event_log.csv.xz
    """
    from makeorbuy.cli.show import progress_on_terminal

    with progress_on_terminal() as progress:
        outcome = _assess(folder, _evidence_paths(pairs), out, progress)
    _show_outcome(outcome, language or str(outcome.assessment.case["language"]), as_json)


@cli.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--language", type=LANGUAGE, default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the declarations as JSON.")
def assumptions(names: tuple[str, ...], language: str, as_json: bool) -> None:
    """Explain what a case may assume: default, range, unit and source.

    A case changes one in assumptions.yaml, and says why.

    \b
    makeorbuy assumptions
    makeorbuy assumptions discount_rate_real materiality_nok
    """
    from makeorbuy.case.assumptions import declarations
    from makeorbuy.cli.show import show_assumptions

    unknown = [name for name in names if name not in declarations()]
    if unknown:
        raise click.UsageError(f"no assumption is called {', '.join(unknown)}; without names, all are listed")
    show_assumptions([declarations()[name] for name in names or declarations()], language, as_json)


@cli.command()
@click.argument("folder", type=FOLDER)
@click.option("--evidence", "pairs", multiple=True, metavar="SOURCE=PATH", help="Read a source from here.")
@click.option("--replications", type=int, help="Predictions from each moment; as many as assess by default.")
@click.option("--threads", default=2, show_default=True, help="The numbers do not depend on it.")
@click.option("--language", type=LANGUAGE, help="Language of the answer; by default that of the case.")
@click.option("--json", "as_json", is_flag=True, help="Print every score as JSON.")
def backtest(
    folder: Path,
    pairs: tuple[str, ...],
    replications: int | None,
    threads: int,
    language: str | None,
    as_json: bool,
) -> None:
    """Test the queue model on weeks of the case's own log that it has not seen.

    The log is cut at several moments; each time the model learns from what was known, starts from the
    tickets that were open, and predicts the next four weeks. It tests today's organisation, not the effect
    of an option. The numbers are those of the brief, unless --replications asks for more. Needs the extra
    makeorbuy[simulate]. Takes a minute or two on a log of a year.

    \b
    makeorbuy backtest my-case
    makeorbuy backtest my-case --replications 400 --json
    """
    from makeorbuy.case.loading import load_case
    from makeorbuy.cli.show import progress_on_terminal
    from makeorbuy.cli.show_backtest import show_backtest
    from makeorbuy.pipeline import backtest as backtest_case

    evidence = _evidence_paths(pairs)
    said_in = load_case(folder, evidence_paths=evidence).language
    with progress_on_terminal() as progress:
        result = backtest_case(
            folder, evidence_paths=evidence,
            replications=None if replications is None else max(replications, 2),
            threads=max(threads, 1), progress=progress,
        )  # fmt: skip
    show_backtest(result, language or said_in, as_json)


@cli.command()
@click.argument("action", type=click.Choice(["show", "rotate", "forget"]))
@click.argument("folder", type=FOLDER)
@click.option("--out", type=FOLDER, help="Where results are written; by default FOLDER/out.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def pseudonyms(action: str, folder: Path, out: Path | None, as_json: bool) -> None:
    """Show, change or delete the key that links the persons of one export with those of the next.

    Persons are numbers in every result; figures do not depend on the key. It lies outside FOLDER, in the
    data folder of your account or where MAKEORBUY_KEY_FOLDER says. After rotate and forget, snapshots taken
    until now can no longer be linked with later ones by anybody.

    \b
    makeorbuy pseudonyms show my-case
    makeorbuy pseudonyms rotate my-case
    makeorbuy pseudonyms forget my-case
    """
    from makeorbuy.cli.show import show_key
    from makeorbuy.evidence import pseudonyms as keyed

    if not folder.is_dir():
        raise click.UsageError("FOLDER is no folder; give the folder of the case")
    results = out or folder / "out"
    deleted = 0
    if action == "rotate":
        key, deleted = keyed.rotate(folder, results)
    elif action == "forget":
        key, deleted = None, keyed.forget(folder, results)
    else:
        key = keyed.key_of(folder)
    show_key(key, keyed.key_file(folder), deleted, as_json)


@cli.command()
@click.argument("folder", type=FOLDER)
@click.argument("figure_id", metavar="[ID]", required=False)
@click.option("--language", type=LANGUAGE, help="Language of the answer; by default that of the case.")
@click.option("--all", "show_all", is_flag=True, help="Every step; otherwise four levels down.")
@click.option("--json", "as_json", is_flag=True, help="Print all steps as JSON.")
def trace(folder: Path, figure_id: str | None, language: str | None, show_all: bool, as_json: bool) -> None:
    """Walk a figure back to its formula, assumptions, files and rows.

    FOLDER is an assessed case, or an assessment.json. Without ID every id is listed, with an ID that holds
    a * every one that it stands for. Formulas are in English.

    \b
    makeorbuy trace my-case "decision.net_saving_nok[a_bid]"
    makeorbuy trace my-case "decision.net_saving_nok[*]"
    makeorbuy trace my-case | grep payroll
    """
    from makeorbuy.assessment.trace import matching
    from makeorbuy.assessment.trace import trace as trace_figure
    from makeorbuy.cli.show_trace import show_ids, show_trace
    from makeorbuy.pipeline import read_assessment

    assessment = read_assessment(folder)
    language = language or str(assessment.case["language"])
    found = matching(assessment, figure_id) if figure_id and "*" in figure_id else ()
    if figure_id is None or found:
        show_ids(assessment, found or None, language, as_json)
    else:
        show_trace(trace_figure(assessment, figure_id), str(folder), language, show_all, as_json)


@cli.command()
@click.argument("before", metavar="A", type=FOLDER)
@click.argument("after", metavar="B", type=FOLDER)
@click.option("--language", type=LANGUAGE, help="Language of the answer; by default that of the case B.")
@click.option("--all", "show_all", is_flag=True, help="Every figure; otherwise the ones that decide first.")
@click.option("--json", "as_json", is_flag=True, help="Print the difference as JSON.")
def diff(before: Path, after: Path, language: str | None, show_all: bool, as_json: bool) -> None:
    """Show every figure that moved from A to B: old, new and why.

    A and B are assessed cases, or assessment.json files.

    \b
    makeorbuy diff last-year this-year
    makeorbuy diff old/assessment.json my-case --json
    """
    from makeorbuy.assessment.difference import difference
    from makeorbuy.cli.show import show_difference
    from makeorbuy.pipeline import read_assessment

    old, new = read_assessment(before), read_assessment(after)
    show_difference(difference(old, new), language or str(new.case["language"]), show_all, as_json)


def _assess(folder: Path, evidence_paths: dict[str, Path], out: Path | None, progress: Any) -> Any:
    from makeorbuy.pipeline import assess as assess_case

    return assess_case(folder, evidence_paths=evidence_paths, out=out, progress=progress)


def _show_outcome(outcome: Any, language: str, as_json: bool) -> None:
    from makeorbuy.cli.show import show_outcome

    show_outcome(outcome, language, as_json)


def _evidence_paths(pairs: tuple[str, ...]) -> dict[str, Path]:
    paths = {}
    for pair in pairs:
        source, equals, path = pair.partition("=")
        if not (source and equals and path):
            raise click.UsageError(f"--evidence {pair}: expected SOURCE=PATH, such as tickets=export.csv")
        paths[source] = Path(path)
    return paths


def main() -> None:
    """Run the command line; a user's mistake never gives a stack trace."""
    for stream in (sys.stdout, sys.stderr):  # a letter that the terminal lacks must not end the run
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    pressed = _Pressed()
    signal.signal(signal.SIGINT, pressed)
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        _stop()
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (KeyboardInterrupt, Interrupted):
        _stop()
    except MakeOrBuyError as error:
        from makeorbuy.cli.show import show_problems

        show_problems(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `makeorbuy trace … | head`: the reader has seen enough
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        from makeorbuy.foundation.personal_data import masked

        name = masked(str(error.filename or "A file"))
        click.echo(f"{name}: {error.strerror or 'cannot be used'}.", err=True)
        sys.exit(2)
    except Exception as error:
        if pressed.ctrl_c:
            _stop()
        _our_fault(error)


def _stop() -> None:
    click.echo("Stopped. Nothing is left half-written; run it again to go on.", err=True)
    sys.exit(Interrupted.exit_code)


class _Pressed:
    """Remember Ctrl-C: a library at work then may raise an error of its own instead."""

    def __init__(self) -> None:
        self.ctrl_c = False

    def __call__(self, number: int, frame: object) -> None:
        self.ctrl_c = True
        raise KeyboardInterrupt


def _our_fault(error: Exception) -> None:
    """Tell where it went wrong without any data: messages of other people's exceptions may quote rows."""
    import os
    import traceback

    if os.environ.get("MAKEORBUY_DEBUG"):
        raise error
    from makeorbuy import __version__
    from makeorbuy.foundation.digest import sha256_of

    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "makeorbuy" in frame.filename]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in ours]
    number = sha256_of([type(error).__name__, *places])[:8]
    click.echo(
        f"This is our fault, not yours. Report {number}: {type(error).__name__} at "
        f"{' < '.join(reversed(places[-3:]))}, version {__version__}.\n"
        "Set MAKEORBUY_DEBUG=1 to see more; that may show data of the case.",
        err=True,
    )
    sys.exit(70)
