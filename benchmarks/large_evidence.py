"""Write the example agency's records at any size, a world at a time: memory is that of one world.

``python benchmarks/large_evidence.py FOLDER [EVENTS]``. Each world is the Agency with another seed; its
ticket numbers get the world's number behind their letters, so that no two tickets share one. The small
files (ledger, staffing …) are those of the first world. About 2.1 million events a world, half a minute.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from agency_world.export import write_evidence

EVENTS_PER_WORLD = 2_100_000
SIZE = 4.0
_NUMBER = re.compile(rb"(?m)^(INC|RITM|CHG)(?=[0-9]{7},)")


def write_large_evidence(folder: Path, events: int, tell: Callable[[str], None] = lambda _: None) -> None:
    """Write tickets and events of as many worlds as it takes.

    Parameters
    ----------
    folder : Path
        The evidence folder of a case made by ``makeorbuy example``; files of the same name are replaced.
    events : int
        About how many rows ``ticket_events.csv`` is to have.
    tell : callable
        Called with a line after each world.
    """
    worlds = max(1, round(events / EVENTS_PER_WORLD))
    size = SIZE * min(1.0, events / EVENTS_PER_WORLD)
    folder.mkdir(parents=True, exist_ok=True)
    for world in range(worlds):
        with tempfile.TemporaryDirectory(dir=folder.parent) as name:
            write_evidence(Path(name), seed=world, size=size)
            for file in Path(name).iterdir():
                is_large = file.name in ("tickets.csv", "ticket_events.csv")
                if world and not is_large:
                    continue
                with file.open("rb") as read, (folder / file.name).open("ab" if world else "wb") as out:
                    if world:
                        read.readline()  # the header stands there already
                    while lines := read.readlines(2**24):
                        text = b"".join(lines)
                        out.write(_NUMBER.sub(rb"\g<1>%03d" % world, text) if is_large else text)
        tell(f"world {world + 1} of {worlds}")


if __name__ == "__main__":
    write_large_evidence(
        Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000, lambda line: print(line)
    )
