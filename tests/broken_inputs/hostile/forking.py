"""Run the real command once for each hostile case: a process of its own, watched, without its start-up.

A server process imports the command once; each run is a fork of it that calls the same `main`, with its
own folder, home and streams. What a run costs is told by the kernel.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path

SECONDS_AT_MOST = 20
"""A run that takes longer than this, whatever else the machine does, is ended."""


def serve() -> None:
    import duckdb  # noqa: F401  # what a run would import first
    import numpy as np  # noqa: F401

    import makeorbuy.cli.show
    import makeorbuy.evidence.intake
    import makeorbuy.evidence.proposal
    import makeorbuy.pipeline  # noqa: F401

    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(order)
        _, status, used = os.wait4(child, 0)
        told = {
            "exit": os.waitstatus_to_exitcode(status),
            "seconds": used.ru_utime + used.ru_stime,
            "megabytes": used.ru_maxrss / 1024,
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _run(order: dict[str, object]) -> None:
    folder = Path(str(order["folder"]))
    signal.alarm(SECONDS_AT_MOST)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.chdir(folder)
    for stream, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ |= {
        "HOME": str(folder / "home"), "TMPDIR": str(folder / "temporary"), "COLUMNS": "400",
        "XDG_DATA_HOME": str(folder / "home"), "MAKEORBUY_KEY_FOLDER": str(folder / "keys"),
    }  # fmt: skip
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.argv = ["makeorbuy", *map(str, order["arguments"])]  # type: ignore[call-overload]
    from makeorbuy.cli.main import main

    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # what a person would see as a stack trace
        import traceback

        traceback.print_exc()
        code = 99
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve()
