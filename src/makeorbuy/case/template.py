"""Write a case to start from: the commented template, or the files of the example agency.

Both lie in this package, so that an installed copy has them too. Nothing is ever overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from makeorbuy.foundation.errors import InputError, Problem


def write_template(folder: Path) -> tuple[Path, ...]:
    """Write a commented case that loads: two services, one offer, a few rows of records.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    InputError
        If any of the files exists; then none is written.
    """
    return _write(_bytes_of(files("makeorbuy.case").joinpath("templates")), Path(folder))


def write_example(folder: Path, language: str, *, teams: bool = False) -> tuple[Path, ...]:
    """Write the case files of the example agency; its records are generated elsewhere.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.
    language : {"nb", "en"}
        Language of the brief, written into ``case.yaml``.
    teams : bool
        Whether lot A's options state their teams instead of their times, so that times are simulated.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    InputError
        If any of the files exists; then none is written.
    """
    examples = files("makeorbuy.case").joinpath("examples")
    found = dict(_bytes_of(examples.joinpath("agency")))
    if teams:
        found |= dict(_bytes_of(examples.joinpath("agency_teams")))
    head = found["case.yaml"].decode().splitlines(keepends=True)
    head = [f"language: {language}\n" if line.startswith("language:") else line for line in head]
    found["case.yaml"] = "".join(head).encode()
    return _write(found.items(), Path(folder))


def _bytes_of(folder: Traversable, below: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _bytes_of(entry, f"{below}{entry.name}/")
        elif entry.name.endswith((".yaml", ".csv")):
            yield below + entry.name, entry.read_bytes()


def _write(found: Iterable[tuple[str, bytes]], folder: Path) -> tuple[Path, ...]:
    contents = dict(found)
    taken = [name for name in contents if (folder / name).exists() or (folder / name).is_symlink()]
    if folder.exists() and not folder.is_dir():
        taken = [folder.name]
    if taken:
        raise InputError(
            "Nothing was written, because files are in the way:",
            problems=[
                Problem(
                    "file_exists",
                    name,
                    None,
                    None,
                    "a file of this name",
                    "an empty folder",
                    "Choose another folder; nothing is overwritten.",
                )
                for name in taken
            ],
        )
    written = []
    for name, data in contents.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as handle:
            handle.write(data)
        written.append(target)
    return tuple(written)
