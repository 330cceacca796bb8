"""Run one of the stage's queries and return whole numbers.

Table work is plain SQL, one query a file; the engine sums whole numbers only, because sums of
floats change with the number of threads. Every query states its order.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def run(connection: DuckDBPyConnection, name: str, **parameters: Any) -> dict[str, NDArray[Any]]:
    """Run ``sql/<name>.sql`` and return its columns as arrays.

    Raises
    ------
    ValueError
        If a column holds a missing value: the queries leave none on purpose.
    """
    text = files("makeorbuy.baseline").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    columns = connection.execute(text, parameters or None).fetchnumpy()
    for column, values in columns.items():
        if isinstance(values, np.ma.MaskedArray):
            if values.mask.any():
                raise ValueError(f"{name}.sql: column {column} has missing values")
            columns[column] = np.asarray(values.data)
    return columns


def rows_by_service(columns: dict[str, NDArray[Any]]) -> dict[str, dict[str, int]]:
    """Return a table with one row per service as plain integers, by service.

    Examples
    --------
    >>> rows_by_service({"service": np.array(["desk"]), "tickets": np.array([7])})
    {'desk': {'tickets': 7}}
    """
    names = [name for name in columns if name != "service"]
    return {
        str(service): {name: int(columns[name][row]) for name in names}
        for row, service in enumerate(columns["service"])
    }
