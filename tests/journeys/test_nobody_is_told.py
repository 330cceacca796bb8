"""Five hundred invented persons in every field of an export: none of them is in anything that comes out.

Where a person stands in a column of persons, in a column that is not read, in free text or in a row set
aside, any name is safe. Where one stands among the words of a kept column, in the name of a file or of a
sheet, it is told by its form: control digits, an address, a given name of the list before a surname.
"""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from makeorbuy.foundation.personal_data import kinds

HEADER = (
    "Number", "Opened", "Resolved", "State", "Assignment group", "Category", "Priority", "Assigned to",
    "Caller", "Short description", "E-mail", "Fødselsnummer", "Telefon",
)  # fmt: skip
GIVEN = ("Kari", "Ola", "Anne", "Per", "Ingrid", "Håkon", "Åse", "Mohammed", "Øyvind", "Solveig")
RARE = ("Xilian", "Quorvin", "Zephania", "Uxmal", "Wyllow")
SYLLABLES = ("brå", "dvel", "fjon", "gåst", "hvem", "klyv", "mjå", "snø", "tvu", "øsk")


@dataclass(frozen=True)
class Person:
    name: str
    surname: str
    identity_number: str
    telephone: str
    e_mail: str


def control_digits(nine: str) -> str | None:
    digits = [int(digit) for digit in nine]
    first = -sum(a * b for a, b in zip(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2), strict=True)) % 11
    second = -sum(a * b for a, b in zip((*digits, first), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
    return None if 10 in (first, second) else f"{first}{second}"


def persons(count: int, given: tuple[str, ...]) -> list[Person]:
    """Invented persons with synthetic identity numbers (month + 80) and surnames that nothing else has."""
    made: list[Person] = []
    place = 0
    while len(made) < count:
        nine = f"{place % 28 + 1:02d}{place % 12 + 81:02d}{50 + place % 40:02d}{100 + place % 800:03d}"
        control = control_digits(nine)
        place += 1
        if control is None:
            continue
        n = len(made)
        surname = "".join(SYLLABLES[n // 10**power % 10] for power in range(3)).capitalize() + "sen"
        name = f"{given[n % len(given)]} {surname}"
        phone = f"9{place % 10}{n % 90 + 10}{place % 900 + 100:03d}{n % 10}"
        made.append(Person(name, surname, nine + control, phone, f"{surname.lower()}{n}@etat.example.no"))
    return made


PERSONS = persons(500, GIVEN)
OTHERS = [
    Person(f"{RARE[n % 5]} {p.surname[:-3]}ovic", f"{p.surname[:-3]}ovic", p.identity_number, p.telephone,
           p.e_mail)
    for n, p in enumerate(PERSONS)
]  # fmt: skip


def rows() -> list[tuple[str, ...]]:
    """Persons everywhere; one row in twenty has one among the words of a kept column."""
    made = []
    for n, (person, other) in enumerate(zip(PERSONS, OTHERS, strict=True)):
        row = [
            f"INC{n:07d}", f"2024-03-{n % 28 + 1:02d} 10:{n % 60:02d}", f"2024-03-{n % 28 + 1:02d} 14:00",
            "Closed", ("Brukerstøtte", "Drift")[n % 2], ("E-post", "Utskrift", "Pålogging")[n % 3], "3",
            other.name, other.name,
            f"{other.name}, fnr {person.identity_number}, fra {person.telephone}: {person.e_mail} er nede",
            person.e_mail, person.identity_number, person.telephone,
        ]  # fmt: skip
        match n % 40:
            case 1:
                row[5] = f"Gjelder {person.name}"
            case 3:
                row[5] = f"Bestilling {person.identity_number[:6]} {person.identity_number[6:]}"
            case 5:
                row[4] = person.name
            case 7:
                row[6] = f"3 - ring {person.telephone}"
            case 9:
                row[0] = f"INC-{person.identity_number}"
            case 11:
                row[5] = person.e_mail
            case 13:
                row[3] = other.name  # an unknown state: set aside
            case 15:
                row[1] = other.name  # no time: set aside
            case 17:
                row.append(other.name)  # too many fields: set aside
            case 19:
                row[2] = person.identity_number
            case 21:
                row[5] = person.surname + ", " + person.name.split()[0]
        made.append(tuple(row))
    return made


def text() -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows())
    return out.getvalue()


MAPPING = """
sources:
  - kind: tickets
    file: "{file}"
    reader: {reader}
    time_zone: Europe/Oslo
    columns:
      number: Number
      opened_at: Opened
      resolved_at: Resolved
      state: State
      team: {team}
      category: Category
      priority: Priority
      person: Assigned to
    states: {{open: [New], closed: [Closed]}}
    constant_type: incident
"""


def canaries() -> list[str]:
    found = []
    for person in (*PERSONS, *OTHERS):
        found += [person.name, person.surname, person.identity_number, person.telephone, person.e_mail]
        found += [person.identity_number[:6] + " " + person.identity_number[6:], person.surname.lower()]
    return sorted(set(found))


class Watched:
    """A folder with a case, a home and a place for temporary files; whatever is told is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[str] = []
        self.inputs: set[Path] = set()
        for name in ("home", "temporary", "keys", "out"):
            (folder / name).mkdir()

    def input(self, path: Path, data: str | bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        self.inputs.add(path)
        return path

    def run(self, *arguments: str | Path) -> int:
        environment = {
            **os.environ, "HOME": str(self.folder / "home"), "TMPDIR": str(self.folder / "temporary"),
            "MAKEORBUY_KEY_FOLDER": str(self.folder / "keys"), "PYTHONIOENCODING": "utf-8", "COLUMNS": "200",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "makeorbuy", *map(str, arguments)],
            capture_output=True, check=False, encoding="utf-8", env=environment, cwd=self.folder,
        )  # fmt: skip
        self.told += [done.stdout, done.stderr]
        assert "Traceback" not in done.stderr and done.returncode in (0, 2), done.stderr
        return done.returncode

    def everything(self) -> str:
        """Whatever was printed or written, tables unpacked, with the names of the files."""
        parts = list(self.told)
        for path in self.folder.rglob("*"):
            if path in self.inputs or not path.is_file():
                continue
            parts.append(path.name)
            if path.suffix == ".parquet":
                parts.append(repr(duckdb.sql(f"FROM read_parquet('{path}')").fetchall()))
            else:
                parts.append(path.read_bytes().decode("utf-8", "replace"))
        return "\n".join(parts)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def template(watched: Watched) -> Path:
    case = watched.folder / "case"
    assert watched.run("init", case) == 0
    (case / "evidence" / "mapping.yaml").unlink()
    return case


def test_five_hundred_persons_are_in_nothing_that_comes_out(watched: Watched) -> None:
    known = next(person for person in PERSONS if person.name.startswith("Kari"))
    name = f"uttrekk {known.name} {known.identity_number}.csv"
    case = template(watched)
    export = watched.input(case / "evidence" / name, text())
    # the mapping is written by a person and names the file: it is an input too
    mapping = case / "evidence" / "mapping.yaml"
    watched.input(mapping, MAPPING.format(file=name, reader="delimited", team="Assignment group"))
    assert watched.run("check", case) == 0
    assert watched.run("assess", case) == 0
    assert watched.run("assess", case, "--json") == 0
    assert watched.run("trace", case) == 0
    form = ("--date-format", "%Y-%m-%d %H:%M")
    assert watched.run("look", export, *form, "--out", watched.folder / "out") == 0
    assert watched.run("map", export) == 0
    assert watched.run("map", export, "--json") == 0
    # columns full of persons are refused
    for team in ("E-mail", "Fødselsnummer", "Telefon", "Caller"):
        watched.input(mapping, MAPPING.format(file=name, reader="delimited", team=team))
        expected = 0 if team == "Caller" else 2  # no list knows these names
        if team != "Caller":
            assert watched.run("assess", case) == expected
    # a missing column, an absent file, a file that is no workbook, a quote that is not closed
    watched.input(mapping, MAPPING.format(file=name, reader="delimited", team="Gruppe"))
    assert watched.run("assess", case) == 2
    watched.input(mapping, MAPPING.format(file=f"nei {name}", reader="delimited", team="Gruppe"))
    assert watched.run("check", case) == 2
    watched.input(mapping, MAPPING.format(file=name, reader="workbook", team="Assignment group"))
    assert watched.run("assess", case) == 2
    watched.input(export, text() + f'"{known.name}')
    watched.input(mapping, MAPPING.format(file=name, reader="delimited", team="Assignment group"))
    assert watched.run("assess", case) == 2
    # a file without a header: its first row stands where names of columns would
    watched.input(export, text().partition("\n")[2])
    assert watched.run("assess", case) == 2
    assert watched.run("map", export) in (0, 2)
    everything = watched.everything()
    assert len(everything) > 100_000
    assert [canary for canary in canaries() if canary in everything] == []


def test_nor_does_the_text_that_is_handed_to_the_engine(tmp_path: Path) -> None:
    """The one temporary file with rows, which is gone when the intake ends."""
    from makeorbuy.case.model import Source
    from makeorbuy.evidence.opening import open_evidence
    from makeorbuy.evidence.registry import read_source

    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "t.csv").write_text(text(), "utf-8")
    source = Source(
        kind="tickets", path="t.csv", shape="row_per_ticket", encoding="utf-8", delimiter=",", decimal=".",
        time_zone="Europe/Oslo", date_format="%Y-%m-%d %H:%M", missing=("",),
        columns={"number": "Number", "opened_at": "Opened", "person": "Assigned to"}, states={}, types={},
        constant_type=None, teams={}, fold="quarantine", exported_at=None, selection="all",
    )  # fmt: skip
    with open_evidence(tmp_path, "t.csv") as file:
        reading = read_source(file, source, tmp_path / "text", lambda share: None)
    written = (tmp_path / "text").read_text("utf-8")
    assert reading.rows_read == 500 and len(written) > 10_000
    # what stands where a time or a number belongs is masked later, by the engine
    misplaced = {OTHERS[n].surname for n in range(500) if n % 40 == 15}
    assert not [p for p in OTHERS if p.surname in written and p.surname not in misplaced]
    assert not [p for p in PERSONS if p.e_mail in written or p.telephone in written]
    assert not {person.name for person in OTHERS} & set(reading.persons)
    assert OTHERS[0].name not in repr(reading)


def test_the_persons_are_what_the_test_says_they_are() -> None:
    listed = kinds()[-1].pattern
    assert all(f"|{name}|" in listed or f"({name}|" in listed for name in GIVEN)
    assert not any(f"|{name}|" in listed for name in RARE)
    assert len({person.identity_number for person in PERSONS}) == 500
    assert len({person.surname for person in (*PERSONS, *OTHERS)}) == 1000
