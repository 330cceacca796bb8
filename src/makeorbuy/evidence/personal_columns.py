"""Look for personal data in the columns that are kept: refuse a column full of it, mask a single find.

Runs in the engine on the distinct values of each text column, before anything but the reader's text has
been written; control digits are counted for all finds at once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from makeorbuy.evidence.snapshot import literal
from makeorbuy.foundation.errors import Problem
from makeorbuy.foundation.personal_data import BARE_TELEPHONE, LOOKS_LIKE_ANY, Kind, is_date, kinds

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST_SHARE = 0.2
"""A column with personal data of one kind in this share of its values is refused."""

LEAST_ROWS = 3
"""Fewer rows than these are single finds, whatever their share."""

CHANCE_DEVIATIONS = 4.0
"""A share must also be this many standard deviations above that of random digits."""

FREE_TEXT_CHARACTERS = 200
"""A kept value is a word or a name; what is longer is free text."""

KEYS = ("number", "initiative", "matter", "account", "cost_centre")
"""Fields whose values tell rows apart, so that a masked one keeps a number of its own."""

_SETUP = """
CREATE TABLE IF NOT EXISTS masked_keys (text VARCHAR, ordinal BIGINT);
CREATE OR REPLACE TABLE finds (field VARCHAR, text VARCHAR, kind VARCHAR, hit VARCHAR);
"""

_NOUNS = {
    "e_mail": "e-mail addresses",
    "identity_number": "identity numbers",
    "account_number": "bank account numbers",
    "card_number": "payment card numbers",
    "telephone": "telephone numbers",
    "name": "names of persons",
    "free_text": "free text",
}


def look_for_personal_data(
    connection: DuckDBPyConnection, file: str, columns: dict[str, str]
) -> tuple[list[Problem], dict[str, int]]:
    """Mask what looks personal in the table ``given``, and tell of columns that must not be kept at all.

    Parameters
    ----------
    connection : DuckDBPyConnection
    file : str
        How the file is called in messages.
    columns : dict of str to str
        Text field of ``given`` to the column of the file.

    Returns
    -------
    problems : list of Problem
        One for each column and kind that is refused.
    masked : dict of str to int
        Kind to the number of rows in which a single find was masked.
    """
    if not columns:
        return [], {}
    suspects = " UNION ALL ".join(
        f'SELECT {literal(field)} AS field, "{field}" AS text, count(*) AS n, min(record) AS record'
        f' FROM given WHERE "{field}" IS NOT NULL GROUP BY "{field}"'
        for field in columns
    )
    connection.execute(_SETUP)
    connection.execute(
        f"CREATE OR REPLACE TABLE suspects AS SELECT * FROM ({suspects})"
        f" WHERE regexp_matches(text, {literal(LOOKS_LIKE_ANY)}) OR length(text) > {FREE_TEXT_CHARACTERS}"
    )
    ((count,),) = connection.execute("SELECT count(*) FROM suspects").fetchall()
    if not count:
        return [], {}
    for kind in kinds():
        _find(connection, kind, tuple(columns))
    _find(connection, BARE_TELEPHONE, tuple(field for field in columns if field not in KEYS))
    problems = _refused(connection, file, columns)
    if problems:
        return problems, {}
    return [], _mask(connection, columns)


def _find(connection: DuckDBPyConnection, kind: Kind, fields: tuple[str, ...]) -> None:
    """Add what passes as this kind to ``finds``."""
    if not fields:
        return
    taken = "" if kind.name != "account_number" else " AND hit NOT IN (SELECT hit FROM finds)"
    found = connection.execute(
        "SELECT DISTINCT hit, regexp_replace(hit, '[^0-9]', '', 'g') AS digits FROM ("
        f" SELECT unnest(regexp_extract_all(text, {literal(kind.pattern)})) AS hit FROM suspects"
        f" WHERE field IN ({', '.join(map(literal, fields))})) WHERE hit != ''{taken}"
    ).fetchnumpy()
    hits = _passing(kind, found["hit"], found["digits"])
    if not len(hits):
        return
    connection.execute(
        f"INSERT INTO finds SELECT DISTINCT field, text, {literal(kind.name)}, hit FROM ("
        f" SELECT field, text, unnest(regexp_extract_all(text, {literal(kind.pattern)})) AS hit FROM suspects"
        f" WHERE field IN ({', '.join(map(literal, fields))}))"
        " SEMI JOIN (SELECT unnest($hits) AS hit) AS passing USING (hit)",
        {"hits": hits.tolist()},
    )


def _passing(kind: Kind, hits: Any, digits: Any) -> Any:
    """Return the hits whose digits pass the control of their kind."""
    import numpy as np

    if not kind.lengths or not len(hits):
        return hits
    lengths = np.char.str_len(digits.astype(str))
    keep = np.zeros(len(hits), dtype=bool)
    for length in kind.lengths:
        places = np.flatnonzero(lengths == length)
        if not len(places):
            continue
        if kind.passes is None:
            keep[places] = [not is_date(text) for text in digits[places]]
            continue
        rows = np.frombuffer("".join(digits[places]).encode("ascii"), dtype=np.uint8) - 48
        keep[places] = kind.passes(rows.reshape(-1, length))
    return hits[keep]


def _refused(connection: DuckDBPyConnection, file: str, columns: dict[str, str]) -> list[Problem]:
    """Return a problem for each column in which the finds are no exceptions."""
    counted = connection.execute(
        "SELECT field, kind, sum(n) AS rows FROM (SELECT DISTINCT field, text, kind FROM finds)"
        " JOIN suspects USING (field, text) GROUP BY field, kind"
        f" UNION ALL SELECT field, 'free_text', sum(n) FROM suspects WHERE length(text) >"
        f" {FREE_TEXT_CHARACTERS} GROUP BY field ORDER BY ALL"
    ).fetchall()
    problems = []
    chances = {kind.name: kind.chance for kind in kinds()}
    for field, kind, rows in counted:
        ((total,),) = connection.execute(f'SELECT count("{field}") FROM given').fetchall()
        chance = chances.get(kind, 0.0)
        by_chance = total * chance + CHANCE_DEVIATIONS * math.sqrt(total * chance * (1 - chance))
        if rows < LEAST_ROWS or rows < LEAST_SHARE * total or rows <= by_chance:
            continue
        mend = f"Take `{field}` out of `columns` in evidence/mapping.yaml, or map another column as {field}."
        if kind == "name" and field == "team":
            mend = "Map the column as `person`, and the group or queue as `team`."
        problems.append(
            Problem(
                "free_text" if kind == "free_text" else "personal_data", file, None, columns[field],
                f"{_NOUNS[kind]} in {rows} of {total} values", "a column without personal data", mend,
            )
        )  # fmt: skip
    return problems


def _mask(connection: DuckDBPyConnection, columns: dict[str, str]) -> dict[str, int]:
    """Mask single finds in ``given``; return how many rows had one, by kind."""
    masked = connection.execute(
        "SELECT kind, sum(n) FROM (SELECT DISTINCT field, text, kind FROM finds)"
        " JOIN suspects USING (field, text) GROUP BY kind ORDER BY kind"
    ).fetchall()
    if not masked:
        return {}
    keys = [field for field in columns if field in KEYS] or [""]
    connection.execute(
        "INSERT INTO masked_keys SELECT text, (SELECT count(*) FROM masked_keys) + row_number() OVER"
        " (ORDER BY min(record), text) FROM suspects SEMI JOIN finds USING (field, text)"
        " ANTI JOIN masked_keys USING (text) WHERE field IN (SELECT unnest($keys)) GROUP BY text",
        {"keys": keys},
    )
    # letters as a, digits as d, so that the text around a find stays readable
    connection.execute(
        "CREATE OR REPLACE TABLE masks AS SELECT field, text, list_reduce(list_prepend(text, list(hit"
        " ORDER BY length(hit) DESC, hit)), lambda told, hit: replace(told, hit, shape(hit))) AS masked"
        " FROM finds GROUP BY field, text"
    )
    for field in columns:
        number = " || '#' || ordinal" if field in KEYS else ""
        keyed = " JOIN masked_keys USING (text)" if field in KEYS else ""
        connection.execute(
            f'UPDATE given SET "{field}" = told FROM (SELECT text AS old, masked{number} AS told FROM masks'
            f'{keyed} WHERE field = {literal(field)}) WHERE "{field}" = old'
        )
    return {kind: int(rows) for kind, rows in masked}
