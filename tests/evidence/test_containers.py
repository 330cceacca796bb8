# ruff: noqa: E501  # the parts of a workbook are long lines
"""Every container gives the same tickets for the same rows, loses none, and refuses what is hostile."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import escape

import evidence_making as m
import pytest

from makeorbuy.evidence import workbook_audit
from makeorbuy.evidence.containers import workbook
from makeorbuy.foundation.errors import EvidenceError, HostileFileError, InputError

ROWS = [
    m.ticket("INC1"),
    m.ticket("INC2", assignment_group="Nettverk, drift", caller='Si "hei"'),
    m.ticket("INC3", opened_at="30.02.2024 10:00"),
    m.ticket("INC4", caller="to\nlinjer"),
    m.ticket("INC1"),
]


def sheet(
    rows: list[list[str]], header: tuple[str, ...] = m.TICKET_HEADER, more: dict[str, bytes] | None = None
) -> bytes:
    """A workbook made by hand, whose sheet claims to hold one cell."""
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>' for cell in row) + "</row>"
        for row in [list(header), *rows]
    )  # fmt: skip
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Page 1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><dimension ref="A1"/><sheetData>{cells}</sheetData></worksheet>',
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


def records(rows: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(m.TICKET_HEADER, row, strict=True)) for row in rows]


def as_json(rows: list[list[str]]) -> bytes:
    return json.dumps({"result": records(rows)}).encode()


def as_lines(rows: list[list[str]]) -> bytes:
    return "\n".join(json.dumps(record) for record in records(rows)).encode()


def as_xml(rows: list[list[str]]) -> bytes:
    made = "".join(
        "<incident>" + "".join(f"<{k}>{escape(v)}</{k}>" for k, v in record.items()) + "</incident>"
        for record in records(rows)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><unload>{made}</unload>'.encode()


def as_sqlite(rows: list[list[str]]) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE tickets ({', '.join(f'{name} TEXT' for name in m.TICKET_HEADER)})")
        connection.executemany(f"INSERT INTO tickets VALUES ({', '.join('?' * len(m.TICKET_HEADER))})", rows)
        connection.commit()
        return connection.serialize()


MAKERS: dict[str, tuple[str, Callable[[list[list[str]]], bytes]]] = {
    "workbook": ("workbook", sheet),
    "JSON": ("json", as_json),
    "JSON lines": ("json", as_lines),
    "XML": ("xml", as_xml),
    "SQLite": ("sqlite", as_sqlite),
    "delimited": ("delimited", lambda rows: m.table(m.TICKET_HEADER, rows).encode()),
}


def take(folder: Path, reader: str, data: bytes, **rules: object) -> m.Evidence:
    m.write(folder, "tickets.dat", data)
    return m.taken(folder, m.tickets(path="tickets.dat", reader=reader, **rules))


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_rows_give_the_same_tickets(tmp_path: Path, name: str) -> None:
    reader, make = MAKERS[name]
    evidence = take(tmp_path, reader, make(ROWS))
    (count,) = evidence.counts
    assert (count.rows_read, count.rows_used, count.rows_merged, count.rows_quarantined) == (5, 3, 1, 1)
    assert m.reasons(evidence) == [(3, "invalid_date", "opened_at"), (5, "duplicate_row", None)]
    assert m.ask(evidence, "SELECT number, team, record FROM tickets ORDER BY number") == [
        ("INC1", "Desk", 1),
        ("INC2", "Nettverk, drift", 2),
        ("INC4", "Desk", 4),
    ]


def test_a_record_that_is_no_record_is_counted(tmp_path: Path) -> None:
    data = json.dumps([records(ROWS)[0], 7, records(ROWS)[1]]).encode()
    evidence = take(tmp_path, "json", data)
    assert m.reasons(evidence) == [(2, "not_a_record", None)]
    assert evidence.counts[0].rows_read == 3


def test_titles_above_the_header_are_no_records(tmp_path: Path) -> None:
    data = ("Rapport\n\n;;\n" + m.table(m.TICKET_HEADER, ROWS[:2], ";")).encode()
    evidence = take(tmp_path, "delimited", data, delimiter=";", header_row=4)
    assert (evidence.counts[0].rows_read, evidence.counts[0].rows_used) == (2, 2)


def bomb() -> bytes:
    return sheet(ROWS, more={"xl/media/x.xml": bytes(200 * 1024**2)})


HOSTILE: dict[str, tuple[str, bytes | Callable[[], bytes], type[InputError], str]] = {
    "a bomb": ("workbook", bomb, HostileFileError, "hostile_archive"),
    "macros": ("workbook", sheet(ROWS, more={"xl/vbaProject.bin": b"x"}), HostileFileError, "hostile_archive"),
    "an archive within": ("workbook", sheet(ROWS, more={"xl/in.zip": b"x"}), HostileFileError, "hostile_archive"),
    "a way out": ("workbook", sheet(ROWS, more={"../x": b"x"}), HostileFileError, "hostile_archive"),
    "half a workbook": ("workbook", sheet(ROWS)[:900], EvidenceError, "damaged_workbook"),
    "no workbook": ("workbook", b"number,opened\n", EvidenceError, "damaged_workbook"),
    "an entity": ("xml", b'<!DOCTYPE a [<!ENTITY x "y">]><a><b>&x;</b></a>', HostileFileError, "hostile_xml"),
    "an external entity": (
        "xml", b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a><b/></a>', HostileFileError, "hostile_xml"
    ),
    "XML without end": ("xml", b"<a>" * 100_000, HostileFileError, "hostile_xml"),
    "half an XML": ("xml", b"<a><b>", EvidenceError, "not_xml"),
    "JSON without end": ("json", b"[" * 100_000, HostileFileError, "nested_too_deep"),
    "a key twice": ("json", b'[{"number": 1, "number": 2}]', EvidenceError, "not_json"),
    "no number": ("json", b'[{"number": NaN}]', EvidenceError, "not_json"),
    "a number beyond size": ("json", b'[{"number": 1e999}]', EvidenceError, "not_json"),
    "a long number": ("json", b'[{"number": ' + b"9" * 5000 + b"}]", EvidenceError, "not_json"),
    "half a JSON": ("json", b'[{"number": ', EvidenceError, "not_json"),
    "no database": ("sqlite", b"number,opened\n", EvidenceError, "damaged_database"),
    "half a database": ("sqlite", as_sqlite(ROWS)[:5000], EvidenceError, "damaged_database"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_mend(tmp_path: Path, name: str) -> None:
    reader, data, kind, code = HOSTILE[name]
    with pytest.raises(kind) as caught:
        take(tmp_path, reader, data() if callable(data) else data)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert all(problem.mend for problem in caught.value.problems)
    assert {path.name for path in tmp_path.iterdir()} == {"evidence", "out"}


def test_a_claim_of_one_cell_is_not_believed(tmp_path: Path) -> None:
    assert take(tmp_path, "workbook", sheet(ROWS * 3)).counts[0].rows_read == 15


def test_dates_in_cells_read_as_the_dates_in_text() -> None:
    from datetime import date, datetime, timedelta

    cell = workbook._Cell(m.tickets(decimal=","))
    assert cell(datetime(2024, 3, 1, 8, 14, 59, 999_999)) == "01.03.2024 08:15"  # noqa: DTZ001
    assert cell(date(2024, 3, 1)) == "01.03.2024 00:00"
    assert (cell(3.0), cell(3.42), cell(True), cell(None), cell("=1+1")) == ("3", "3,42", "true", "", "=1+1")
    assert cell(timedelta(hours=30)) == "1 day, 6:00:00"
    by_day = workbook._Cell(m.tickets(date_format="%d.%m.%Y"))
    assert by_day(datetime(2024, 3, 1, 8)) == "2024-03-01 08:00:00"  # noqa: DTZ001  # set aside, not cut off


def open_document(rows: str) -> bytes:
    """A sheet of OpenDocument made by hand."""
    names = {short: f"urn:oasis:names:tc:opendocument:xmlns:{long}:1.0" for short, long in
             (("office", "office"), ("table", "table"), ("text", "text"))}  # fmt: skip
    spaces = " ".join(f'xmlns:{short}="{name}"' for short, name in names.items())
    content = (
        f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="A">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return out.getvalue()


def test_the_empty_rest_of_an_open_document_sheet_is_no_bomb(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        f"<table:table-row>{''.join(cell.format(escape(value)) for value in row)}"
        '<table:table-cell table:number-columns-repeated="16373"/></table:table-row>'
        for row in [m.TICKET_HEADER, m.ticket("INC1"), m.ticket("INC2")]
    )
    rest = (
        '<table:table-row table:number-rows-repeated="1048573">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    evidence = take(tmp_path, "workbook", open_document(rows + rest))
    assert m.ask(evidence, "SELECT number FROM tickets ORDER BY number") == [("INC1",), ("INC2",)]


def test_a_wide_sheet_that_is_full_is_no_bomb() -> None:
    """A sheet of 700 columns whose cells are there is laid out as it is."""
    header = tuple(f"c{n}" for n in range(700))
    data = sheet([list(header)] * 40, header)
    assert workbook_audit.audit_sheet("x.xlsx", data, "Page 1").faults == {}
    named = sheet([["x"] * 3] * 5, ("a", "b", "c"))
    assert workbook_audit.audit_sheet("x.xlsx", named, "Page 1") == workbook_audit.Audit()
