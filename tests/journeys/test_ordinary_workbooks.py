# ruff: noqa: E501  # the parts of a workbook are long lines
"""A workbook as it is usually sent: a merged title above the header, true dates beside text, late states."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

from click.testing import CliRunner

from makeorbuy.cli.main import cli

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEADER = ("Saksnr", "Opprettet", "Løst", "Lukket", "Status", "Behandlergruppe", "Type")


def cell(value: str | datetime | None) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, datetime):
        days = (value - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
        return f'<c s="1"><v>{days}</v></c>'
    return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def workbook(rows: list[tuple[str | datetime | None, ...]], merged: str) -> bytes:
    cells = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Saker" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData><mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def list_of_tickets() -> list[tuple[str | datetime | None, ...]]:
    rows: list[tuple[str | datetime | None, ...]] = [("Saksliste IKT", *[None] * 6), (None,) * 7, HEADER]
    for place in range(400):
        opened = datetime(2024, 1, 2, 8) + timedelta(hours=13 * place)  # noqa: DTZ001
        done = opened + timedelta(hours=5)
        is_open = place >= 390
        rows.append(
            (
                f"S{place:05d}",
                opened if place % 97 == 0 else opened.strftime("%d.%m.%Y %H:%M"),
                None if is_open else done.strftime("%d.%m.%Y %H:%M"),
                None,
                "Venter på bruker" if is_open else "Løst",
                "Servicedesk",
                "Feil",
            )
        )
    return rows


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(cli, [*map(str, arguments)])
    return result.exit_code, result.output + str(getattr(result.exception, "problems", ""))


def test_a_merged_title_true_dates_and_late_states_are_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "saker.xlsx"
    file.write_bytes(workbook(list_of_tickets(), "A1:G1"))
    code, said = run("map", file, "--language", "en")
    assert code == 0, said
    assert "header_row: 3" in said
    assert 'date_format: "%d.%m.%Y %H:%M"' in said  # nothing to ask: a true date is a date
    assert 'TODO: ["Venter på bruker"]' in said  # which the first rows do not hold
    code, said = run("look", file, "--language", "en")
    assert code == 0, said
    assert "10 rows without an end have a state that nobody has explained" in said
    assert "10 of 400 rows" in said  # under the headline


def test_a_header_that_is_merged_itself_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "saker.xlsx"
    file.write_bytes(workbook(list_of_tickets(), "B3:C3"))
    code, said = run("map", file)
    assert code != 0 and "merged_header" in said
