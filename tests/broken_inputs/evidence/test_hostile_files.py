"""Hostile and broken files: the right exception, the place and the mend, quickly, and nothing left behind."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import evidence_making as m
import pytest

from makeorbuy.evidence import opening
from makeorbuy.foundation.errors import EvidenceError, HostileFileError, InputError, Problem

HEADER = ",".join(m.TICKET_HEADER)
ROW = ",".join(m.ticket("A1"))
GOOD = f"{HEADER}\n{ROW}\n"


def refused(folder: Path, kind: type[InputError], *sources: m.Source) -> tuple[Problem, ...]:
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        m.taken(folder, *(sources or (m.tickets(),)))
    assert caught.type is kind, caught.value
    assert time.monotonic() - began < 10
    out = folder / "out"
    assert not out.exists() or not list(out.iterdir()), "nothing is left behind"
    for problem in caught.value.problems:
        assert problem.mend and problem.expected and problem.file
        assert "Testmann" not in str(problem)
        assert str(folder) not in str(problem), "no path of this machine"
    return caught.value.problems


def with_field(field: str) -> str:
    return GOOD + ",".join([*m.ticket("A2")[:-1], field]) + "\n"


CASES: dict[str, tuple[str | bytes, type[InputError], str, int | None]] = {
    "a field of 131,073 characters": (with_field("x" * 131_073), HostileFileError, "field_too_long", 2),
    "a NUL byte": (GOOD.encode() + b"A2,\0\n", HostileFileError, "nul_byte", 1),
    "a line of 2 MB": (GOOD + "x," * 10**6 + "\n", HostileFileError, "line_too_long", None),
    "a line without end": (b"a" * (3 * 1024**2), HostileFileError, "line_too_long", None),
    "a record of 3 MB in short lines": (
        GOOD + '"' + '\n","' * (3 * 1024**2 // 4) + '"\n', HostileFileError, "record_too_long", 2),
    "4,097 columns": (
        ",".join(f"c{n}" for n in range(4097)) + "\n1\n", HostileFileError, "too_many_columns", None),
    "a quote that is never closed": (GOOD + 'A2,"incident\n' + ROW + "\n", EvidenceError, "broken_quotes", 2),
    "text behind a closing quote": (GOOD + 'A2,"incident"x\n', EvidenceError, "broken_quotes", 2),
    "a repeated column": (f"{HEADER},state\n{ROW},New\n", EvidenceError, "duplicate_header", None),
    "a column without a name": (f"{HEADER},\n{ROW},\n", EvidenceError, "empty_header", None),
    "an empty first line": (f"\n{GOOD}", EvidenceError, "empty_header", None),
    "no header": (f"{ROW}\n{ROW}\n", EvidenceError, "missing_column", None),
    "another delimiter": (GOOD.replace(",", ";"), EvidenceError, "missing_column", None),
    "UTF-16 with a mark": (GOOD.encode("utf-16"), EvidenceError, "wrong_encoding", None),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), EvidenceError, "wrong_encoding", None),
    "Windows-1252": ((GOOD + ROW.replace("Mail", "Nøkkel") + "\n").encode("cp1252"), EvidenceError,
                     "wrong_encoding", None),
    "zero bytes": (b"", EvidenceError, "empty_file", None),
    "a workbook named .csv": (b"PK\x03\x04" + bytes(100), EvidenceError, "not_delimited_text", None),
    "an archive named .csv": (gzip.compress(GOOD.encode()), EvidenceError, "not_delimited_text", None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_broken_file_is_refused(tmp_path: Path, name: str) -> None:
    content, kind, code, row = CASES[name]
    m.write(tmp_path, "tickets.csv", content)
    problems = refused(tmp_path, kind)
    assert {problem.code for problem in problems} == {code}
    assert problems[0].file == "evidence/tickets.csv"
    if row is not None:
        assert problems[0].row == row


def test_the_message_says_where_a_quote_was_opened(tmp_path: Path) -> None:
    multiline = ROW.replace("Kari Testmann", '"a\nb\nc"')
    m.write(tmp_path, "tickets.csv", f'{HEADER}\n{multiline}\n\nA2,"x\n' + f"{ROW}\n" * 3)
    (problem,) = refused(tmp_path, EvidenceError)
    assert (problem.row, problem.found) == (2, "a quote that is never closed, from line 6 on")


def test_the_encoding_is_guessed_for_the_message_only(tmp_path: Path) -> None:
    text = GOOD + ROW.replace("A1", "A2").replace("Mail", "Nøkkel") + "\n"
    m.write(tmp_path, "tickets.csv", text.encode("cp1252"))
    (problem,) = refused(tmp_path, EvidenceError)
    assert problem.found == "bytes that are not utf-8: looks like Windows-1252"
    assert "`encoding: cp1252`" in problem.mend
    evidence = m.taken(tmp_path, m.tickets(encoding="cp1252"))
    assert m.ask(evidence, "SELECT category FROM tickets ORDER BY number") == [("Mail",), ("Nøkkel",)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-15", "latin-1"])
def test_a_declared_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    m.write(tmp_path, "tickets.csv", GOOD.replace("Mail", "Nøkkel").encode(encoding))
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    evidence = m.taken(tmp_path, m.tickets(encoding=declared))
    assert m.ask(evidence, "SELECT number, category FROM tickets") == [("A1", "Nøkkel")]


def test_a_nul_character_in_utf_16_is_refused(tmp_path: Path) -> None:
    m.write(tmp_path, "tickets.csv", GOOD.replace("Mail", "M\0il").encode("utf-16"))
    (problem,) = refused(tmp_path, HostileFileError, m.tickets(encoding="utf-16"))
    assert (problem.code, problem.row) == ("nul_byte", 1)


def test_a_few_rows_in_another_encoding_are_set_aside(tmp_path: Path) -> None:
    rows = [",".join(m.ticket(f"A{n}", category="Nøkkel")) for n in range(20)]
    stray = ",".join(m.ticket("B1", category="Nøkkel")).encode("latin-1")
    m.write(
        tmp_path, "tickets.csv", f"{HEADER}\n".encode() + "\n".join(rows).encode() + b"\n" + stray + b"\n"
    )
    evidence = m.taken(tmp_path, m.tickets())
    assert m.reasons(evidence) == [(21, "bad_encoding", None)]
    assert m.ask(evidence, "SELECT count(*) FROM tickets WHERE category = 'Nøkkel'") == [(20,)]


def test_text_that_was_encoded_twice_is_noted(tmp_path: Path) -> None:
    m.write(tmp_path, "tickets.csv", GOOD.replace("Mail", "Nøkkel".encode().decode("cp1252")))
    assert "looks_twice_encoded[tickets]=1" in m.taken(tmp_path, m.tickets()).notes


def test_a_header_alone_is_no_error(tmp_path: Path) -> None:
    m.write(tmp_path, "tickets.csv", HEADER)
    evidence = m.taken(tmp_path, m.tickets())
    assert evidence.counts[0].rows_read == 0
    assert m.ask(evidence, "SELECT count(*) FROM tickets") == [(0,)]


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        f"{HEADER}\r\n{ROW}\n",
        "\ufeff" + GOOD,
        GOOD.rstrip("\n"),
        GOOD.replace("Mail", '"Mail"'),
        GOOD.replace("Mail", "\u00a0Mail\t"),
        GOOD.replace("Kari Testmann", "a\u2028b\u0085c"),
    ],
)
def test_ends_of_lines_marks_and_spaces_do_not_matter(tmp_path: Path, text: str) -> None:
    m.write(tmp_path, "tickets.csv", text)
    evidence = m.taken(tmp_path, m.tickets())
    assert evidence.counts[0].rows_used == evidence.counts[0].rows_read == 1
    assert m.ask(evidence, "SELECT number, category FROM tickets") == [("A1", "Mail")]


@pytest.mark.parametrize(
    "category",
    [
        "=cmd|'/c calc'!A0",
        "'; DROP TABLE tickets; --",
        "<script>",
        "{{7*7}}",
        "%s${x}",
        "a\\'b",
        "\u202eevil",
    ],
)
def test_suspicious_text_is_plain_data(tmp_path: Path, category: str) -> None:
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, [m.ticket("A1", category=category)]))
    assert m.ask(m.taken(tmp_path, m.tickets()), "SELECT category FROM tickets") == [(category,)]


def test_a_separator_in_a_kept_field_does_not_shift_columns(tmp_path: Path) -> None:
    m.write(tmp_path, "tickets.csv", m.table(m.TICKET_HEADER, [m.ticket("A1", category="a\x1fb\nc\rd")]))
    assert m.ask(m.taken(tmp_path, m.tickets()), "SELECT category, team FROM tickets") == [
        ("a b c d", "Desk")
    ]


@pytest.mark.parametrize(
    ("suffix", "pack"), [("gz", gzip.compress), ("xz", lzma.compress), ("bz2", bz2.compress)]
)
class TestArchives:
    def test_it_is_read(self, tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
        half = GOOD.encode()
        m.write(tmp_path, f"t.csv.{suffix}", pack(half) + pack(ROW.replace("A1", "A2").encode()))
        evidence = m.taken(tmp_path, m.tickets(path=f"t.csv.{suffix}"))
        assert evidence.counts[0].rows_used == 2

    def test_a_cut_or_damaged_one_is_an_error(
        self, tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
    ) -> None:
        packed = pack("".join(f"{n}," for n in range(10**5)).encode())
        damaged = bytearray(packed)
        damaged[len(packed) // 2 :][:20] = bytes(20)
        damaged[len(packed) // 2] ^= 0xFF
        for content in (packed[: len(packed) // 2], bytes(damaged), b"plain text", packed + b"rubbish"):
            m.write(tmp_path, f"t.csv.{suffix}", content)
            with pytest.raises(InputError) as caught:
                m.taken(tmp_path, m.tickets(path=f"t.csv.{suffix}"))
            # what was unpacked before the damage may be refused first
            assert {p.code for p in caught.value.problems} <= {
                "damaged_archive",
                "missing_column",
                "nul_byte",
            }

    def test_a_bomb_is_refused_while_counting(
        self, tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(opening, "RATIO_FREE_BYTES", 4 * 1024**2)
        m.write(tmp_path, f"t.csv.{suffix}", pack(f"{HEADER}\n".encode() + (ROW + "\n").encode() * 200_000))
        (problem,) = refused(tmp_path, HostileFileError, m.tickets(path=f"t.csv.{suffix}"))
        assert problem.code == "unpacks_too_large"


def test_a_large_file_is_refused_by_its_counted_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MAX_BYTES", 1000)
    m.write(tmp_path, "tickets.csv", GOOD + (ROW + "\n") * 20)
    (problem,) = refused(tmp_path, HostileFileError)
    assert problem.code == "unpacks_too_large"


def test_an_archive_that_asks_for_much_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "UNPACKER_MEMORY_BYTES", 1 << 16)
    m.write(tmp_path, "t.csv.xz", lzma.compress(GOOD.encode(), preset=6))
    (problem,) = refused(tmp_path, EvidenceError, m.tickets(path="t.csv.xz"))
    assert problem.code == "damaged_archive"


class TestPaths:
    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        (problem,) = refused(tmp_path, EvidenceError)
        assert (problem.code, problem.file) == ("missing_file", "evidence/tickets.csv")

    def test_all_missing_files_are_told_at_once(self, tmp_path: Path) -> None:
        problems = refused(tmp_path, EvidenceError, m.tickets(), m.events())
        assert [problem.file for problem in problems] == [
            "evidence/tickets.csv",
            "evidence/ticket_events.csv",
        ]

    @pytest.mark.parametrize("path", ["../case.yaml", "a/../../x.csv", "~/x.csv", "", "a\0b", "..\\x.csv"])
    def test_a_path_that_leads_out(self, tmp_path: Path, path: str) -> None:
        m.write(tmp_path, "tickets.csv", GOOD)
        (tmp_path / "case.yaml").write_text(GOOD)
        (problem,) = refused(tmp_path, HostileFileError, m.tickets(path=path))
        assert problem.code == "not_a_regular_file"

    def test_a_link_to_a_file_or_a_folder(self, tmp_path: Path) -> None:
        outside = m.write(tmp_path / "elsewhere", "secret.csv", GOOD)
        (tmp_path / "evidence").mkdir()
        (tmp_path / "evidence" / "tickets.csv").symlink_to(outside)
        (tmp_path / "evidence" / "folder").symlink_to(outside.parent)
        for path in ("tickets.csv", "folder/secret.csv"):
            (problem,) = refused(tmp_path, HostileFileError, m.tickets(path=path))
            assert problem.found == "a link"

    def test_a_folder_a_pipe_and_a_device(self, tmp_path: Path) -> None:
        folder = tmp_path / "evidence"
        (folder / "tickets.csv").mkdir(parents=True)
        os.mkfifo(folder / "pipe.csv")
        for path in ("tickets.csv", "pipe.csv", "/dev/zero"):
            (problem,) = refused(tmp_path, HostileFileError, m.tickets(path=path))
            assert problem.code == "not_a_regular_file"

    def test_a_name_of_300_characters(self, tmp_path: Path) -> None:
        (tmp_path / "evidence").mkdir()
        (problem,) = refused(tmp_path, HostileFileError, m.tickets(path="x" * 300 + ".csv"))
        assert problem.code == "not_a_regular_file"

    def test_a_file_given_on_the_command_line_may_lie_anywhere(self, tmp_path: Path) -> None:
        outside = m.write(tmp_path / "elsewhere", "mine.csv", GOOD)
        evidence = m.taken(tmp_path, m.tickets(path=str(outside)))
        assert evidence.counts[0].file == "mine.csv"


MAPPINGS: list[tuple[str, m.Source | tuple[m.Source, ...]]] = [
    ("missing_field", m.tickets(columns={k: v for k, v in m.TICKET_COLUMNS.items() if k != "state"})),
    ("missing_field", m.tickets(columns={k: v for k, v in m.TICKET_COLUMNS.items() if k != "type"})),
    ("missing_field", m.tickets(shape="row_per_event")),
    ("unknown_field", m.tickets(columns={**m.TICKET_COLUMNS, "colour": "state"})),
    ("column_given_twice", m.tickets(columns={**m.TICKET_COLUMNS, "resolved_at": "opened_at"})),
    ("column_given_twice", m.tickets(columns={**m.TICKET_COLUMNS, "team": "number"})),
    ("column_given_twice", m.tickets(columns={**m.TICKET_COLUMNS, "person": "assignment_group"})),
    ("missing_column", m.tickets(columns={**m.TICKET_COLUMNS, "priority": "prioritet"})),
    ("unknown_time_zone", m.tickets(time_zone="")),
    ("unknown_time_zone", m.tickets(time_zone="Europe/Nowhere")),
    ("unknown_time_zone", m.tickets(time_zone="../../etc/passwd")),
    ("unknown_date_format", m.tickets(date_format="%Q%")),
    ("unknown_encoding", m.tickets(encoding="rot13")),
    ("unknown_delimiter", m.tickets(delimiter=",,")),
    ("unknown_source", m.tickets(kind="wishes")),
    ("source_given_twice", (m.tickets(), m.tickets())),
    ("events_without_tickets", (m.events(),)),
]


@pytest.mark.parametrize(("code", "sources"), MAPPINGS)
def test_a_mapping_that_cannot_be_followed(tmp_path: Path, code: str, sources: Any) -> None:
    m.write(tmp_path, "tickets.csv", GOOD)
    m.write(tmp_path, "ticket_events.csv", ",".join(m.EVENT_HEADER) + "\n")
    problems = refused(tmp_path, EvidenceError, *(sources if isinstance(sources, tuple) else (sources,)))
    assert {problem.code for problem in problems} == {code}


def test_a_column_of_almost_that_name_is_offered(tmp_path: Path) -> None:
    m.write(tmp_path, "tickets.csv", GOOD)
    columns = {**m.TICKET_COLUMNS, "priority": "Priority"}
    (problem,) = refused(tmp_path, EvidenceError, m.tickets(columns=columns))
    assert problem.expected == "'priority'"


def test_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    m.write(tmp_path, "tickets.csv", b"")
    m.write(tmp_path, "ticket_events.csv", "a,b\n")
    problems = refused(tmp_path, EvidenceError, m.tickets(), m.events())
    assert {(problem.file, problem.code) for problem in problems} == {
        ("evidence/tickets.csv", "empty_file"),
        ("evidence/ticket_events.csv", "missing_column"),
    }
