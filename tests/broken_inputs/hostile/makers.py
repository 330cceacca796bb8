# ruff: noqa: E501  # the parts of a workbook are long lines
"""Inputs that would be large or binary as files, made by a few lines each: ``make = "name"`` in a case's about.toml.

Each gets the folder of the case and writes below it.
"""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from xml.sax.saxutils import escape

HEADER = ("number", "opened", "resolved", "state", "team", "category")
GOOD = ("A1", "2024-03-01 10:00", "2024-03-01 12:00", "Done", "First line", "Mail")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def text(value: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def number(value: str, more: str = "") -> str:
    return f"<c{more}><v>{value}</v></c>"


def cells(values: tuple[str, ...]) -> str:
    return "".join(value if value.startswith("<c") else text(value) for value in values)


def row(values: tuple[str, ...], attributes: str = "") -> str:
    return f"<row{attributes}>{cells(values)}</row>"


def sheet(
    rows: str,
    head: str = "",
    tail: str = "",
    book: str = "",
    more: dict[str, bytes] | None = None,
    sheets: str = '<sheet name="Page 1" sheetId="1" r:id="r1"/>',
) -> dict[str, bytes]:
    """The parts of a workbook whose first sheet holds these rows; style 1 is a date and time."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{book}<sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{OFFICE}/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="r3" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData>{tail}</worksheet>',
    }
    return {name: content.encode() for name, content in parts.items()} | (more or {})


def packed(parts: dict[str, bytes] | list[tuple[zipfile.ZipInfo | str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items() if isinstance(parts, dict) else parts:
            if isinstance(name, zipfile.ZipInfo):
                archive.writestr(name, content)
            else:
                archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def save(folder: Path, data: bytes, name: str = "tickets.xlsx") -> None:
    (folder / "evidence" / name).write_bytes(data)


ROWS = row(HEADER) + row(GOOD)


# ---- XML


def deep_xml(folder: Path) -> None:
    save(folder, b"<a>" * 100_000 + b"</a>" * 100_000, "tickets.xml")


# ---- archives


def bomb(folder: Path) -> None:
    save(folder, packed(sheet(ROWS, more={"xl/media/image1.xml": bytes(100 * 1024**2)})))


def lying_bomb(folder: Path) -> None:
    data = packed(sheet(ROWS, more={"xl/media/image1.xml": bytes(100 * 1024**2)}))
    save(folder, data.replace(struct.pack("<I", 100 * 1024**2), struct.pack("<I", 1000)))


def nested_archive(folder: Path) -> None:
    save(folder, packed(sheet(ROWS, more={"xl/inner.zip": packed({"a": b"a"})})))


def way_out(folder: Path) -> None:
    save(folder, packed(sheet(ROWS, more={"../../outside": b"x"})))


def drive_letter(folder: Path) -> None:
    save(folder, packed(sheet(ROWS, more={"C:/outside": b"x"})))


def link_entry(folder: Path) -> None:
    link = zipfile.ZipInfo("xl/link", (2024, 1, 1, 0, 0, 0))
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    save(folder, packed([*sheet(ROWS).items(), (link, b"/etc/passwd")]))


def million_entries(folder: Path) -> None:
    one = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = one * 10**6
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 30, 0)
    save(folder, b"PK\x03\x04" + bytes(26) + directory + end)


def two_of_one_name(folder: Path) -> None:
    data = packed([*sheet(ROWS).items(), ("xl/workbook.xm1", b"<workbook/>")])
    save(folder, data.replace(b"xl/workbook.xm1", b"xl/workbook.xml"))


def encrypted(folder: Path) -> None:
    data = bytearray(packed(sheet(ROWS)))
    place = data.find(b"PK\x01\x02")
    data[place + 8] |= 1
    save(folder, bytes(data))


def overlapping(folder: Path) -> None:
    data = bytearray(packed([*sheet(ROWS).items(), ("xl/two", b"x" * 50)]))
    last = data.rfind(b"PK\x01\x02")
    data[last + 42 : last + 46] = struct.pack("<I", 0)
    save(folder, bytes(data))


# ---- workbooks


def outside_links(folder: Path) -> None:
    formula = '<c t="str"><f>[1]Ark1!A2</f><v>2024-03-01 12:00</v></c>'
    other = "<f>'[budsjett 2024.xlsx]Ark 1'!B2</f>"
    rows = row(HEADER) + row(GOOD) + row(("A2", GOOD[1], formula, *GOOD[3:]))
    rows += row(("A3", GOOD[1], f'<c t="str">{other}<v>2024-03-01 12:00</v></c>', *GOOD[3:]))
    save(folder, packed(sheet(rows, more={"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})))


def macros(folder: Path) -> None:
    save(folder, packed(sheet(ROWS, more={"xl/vbaProject.bin": b"x"})))


def not_computed(folder: Path) -> None:
    rows = row(HEADER) + row(("A1", GOOD[1], "<c><f>B2+2/24</f></c>", *GOOD[3:]))
    save(folder, packed(sheet(rows + row(("A2", *GOOD[1:])))))


def computed(folder: Path) -> None:
    rows = row(HEADER) + row(
        ("A1", '<c s="1"><v>45352.5</v></c>', '<c s="1"><f>B2+2/24</f><v>45352.5833333333</v></c>', *GOOD[3:])
    )
    save(folder, packed(sheet(rows)))


def error_cells(folder: Path) -> None:
    rows = row(HEADER) + row(("A1", GOOD[1], '<c t="e"><v>#REF!</v></c>', *GOOD[3:]))
    rows += row(("A2", *GOOD[1:])) + row(("A3", *GOOD[1:5], '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>'))
    save(folder, packed(sheet(rows)))


def hidden(folder: Path) -> None:
    rows = row(HEADER) + row(GOOD) + row(("A2", *GOOD[1:]), ' hidden="1"')
    second = (
        f'<worksheet xmlns="{MAIN}"><sheetData>{row(HEADER)}{row(("A9", *GOOD[1:]))}</sheetData></worksheet>'
    )
    sheets = (
        '<sheet name="Page 1" sheetId="1" r:id="r1"/><sheet name="Old" sheetId="2" state="hidden" r:id="r2"/>'
    )
    head = '<cols><col min="6" max="6" hidden="1"/></cols>'
    save(folder, packed(sheet(rows, head, sheets=sheets, more={"xl/worksheets/sheet2.xml": second.encode()})))


def merged_header(folder: Path) -> None:
    save(folder, packed(sheet(ROWS, tail='<mergeCells count="1"><mergeCell ref="B1:C1"/></mergeCells>')))


def since_1904(folder: Path) -> None:
    date = (number("43890.4166666667", ' s="1"'), number("43890.5", ' s="1"'))
    save(
        folder, packed(sheet(row(HEADER) + row(("A1", *date, *GOOD[3:])), book='<workbookPr date1904="1"/>'))
    )


def since_1900(folder: Path) -> None:
    date = (number("45352.4166666667", ' s="1"'), number("45352.5", ' s="1"'))
    save(folder, packed(sheet(row(HEADER) + row(("A1", *date, *GOOD[3:])))))


def serial_60(folder: Path) -> None:
    rows = row(HEADER) + row(GOOD) + row(("A2", number("60", ' s="1"'), *GOOD[2:]))
    save(folder, packed(sheet(rows + row(("A3", number("60.5", ' s="1"'), *GOOD[2:])))))


def duration_as_date(folder: Path) -> None:
    rows = row(HEADER) + row(GOOD) + row(("A2", GOOD[1], "1970-01-01 02:00", *GOOD[3:]))
    save(folder, packed(sheet(rows + row(("A3", GOOD[1], number("0.0833333333", ' s="1"'), *GOOD[3:])))))


def large_claim(folder: Path) -> None:
    save(folder, packed(sheet(ROWS, head='<dimension ref="A1:XFD10000000"/>')))


def far_cell(folder: Path) -> None:
    save(folder, packed(sheet(ROWS + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')))


def far_cell_in_odd_writing(folder: Path) -> None:
    far = "<row r = '1048576'><c\nr='&#88;FD1048576'><v>1</v></c></row>"
    save(folder, packed(sheet(ROWS + far)))


def workbook_with_entities(folder: Path) -> None:
    parts = sheet(ROWS)
    name = "xl/worksheets/sheet1.xml"
    parts[name] = b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;">]>' + parts[name]
    save(folder, packed(parts))


# ---- delimited text


def csv(folder: Path, *rows: str, encoding: str = "utf-8") -> None:
    lines = (",".join(HEADER), *rows)
    (folder / "evidence" / "tickets.csv").write_bytes(("\n".join(lines) + "\n").encode(encoding))


def long_field(folder: Path) -> None:
    csv(folder, ",".join(GOOD), ",".join(("A2", *GOOD[1:5], "x" * 131_073)))


def many_columns(folder: Path) -> None:
    (folder / "evidence" / "tickets.csv").write_text(",".join(f"c{n}" for n in range(100_000)) + "\n1\n")


def endless_line(folder: Path) -> None:
    csv(folder, ",".join(GOOD), "x" * (64 * 1024**2))


def endless_record(folder: Path) -> None:
    csv(folder, ",".join(GOOD), '"' + '\n","' * (3 * 1024**2 // 4) + '"')


def wide_without_mark(folder: Path) -> None:
    csv(folder, ",".join(GOOD), encoding="utf-16-le")


# ---- YAML and JSON


def deep_yaml(folder: Path) -> None:
    (folder / "gates.yaml").write_text("gates: " + "[" * 20_000 + "]" * 20_000 + "\n")


def long_integer(folder: Path) -> None:
    file = folder / "case.yaml"
    file.write_text(file.read_text("utf-8").replace("seed: 0", "seed: " + "9" * 100_000), "utf-8")


def long_hexadecimal(folder: Path) -> None:
    file = folder / "case.yaml"
    file.write_text(file.read_text("utf-8").replace("seed: 0", "seed: 0x" + "f" * 100_000), "utf-8")


def records() -> list[dict[str, str]]:
    return [dict(zip(HEADER, GOOD, strict=True))]


def half_character_in_json(folder: Path) -> None:
    data = json.dumps([*records(), {**records()[0], "number": "A2", "category": "\ud800"}])
    (folder / "evidence" / "tickets.json").write_text(data, "utf-8")


def compressed_forever(folder: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    line = (",".join(GOOD) + "\n").encode()
    data = packer.compress((",".join(HEADER) + "\n").encode() + line * 1_500_000) + packer.flush()
    (folder / "evidence" / "tickets.csv.gz").write_bytes(data)


# ---- paths


def evidence_is_a_link(folder: Path) -> None:
    outside = folder.parent / "outside.csv"
    outside.write_text(",".join(HEADER) + "\n")
    (folder / "evidence" / "tickets.csv").unlink()
    (folder / "evidence" / "tickets.csv").symlink_to(outside)


def case_file_is_a_link(folder: Path) -> None:
    outside = folder.parent / "outside.yaml"
    outside.write_text("gates: []\n")
    (folder / "gates.yaml").unlink(missing_ok=True)
    (folder / "gates.yaml").symlink_to(outside)


def evidence_is_a_device(folder: Path) -> None:
    (folder / "evidence" / "tickets.csv").unlink()
    (folder / "evidence" / "tickets.csv").symlink_to("/dev/zero")


def evidence_is_a_pipe(folder: Path) -> None:
    (folder / "evidence" / "tickets.csv").unlink()
    os.mkfifo(folder / "evidence" / "tickets.csv")


def case_file_is_a_pipe(folder: Path) -> None:
    (folder / "gates.yaml").unlink(missing_ok=True)
    os.mkfifo(folder / "gates.yaml")


def evidence_is_a_folder(folder: Path) -> None:
    (folder / "evidence" / "tickets.csv").unlink()
    (folder / "evidence" / "tickets.csv").mkdir()
