"""A long search, guided by coverage: ``python tests/fuzz/run.py TARGET [libFuzzer options]``; needs atheris.

TARGET is a container or a reader, such as `workbook` or `servicenow`. A file that breaks the promise is
written by libFuzzer as ``crash-…``.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    import atheris

    sys.path.insert(0, str(Path(__file__).parent))
    with atheris.instrument_imports(include=["makeorbuy"]):
        import targets
        import test_fuzz

    target = sys.argv.pop(1)
    name, _ = targets.seeds(target)[0]
    corpus = Path(f".fuzz-{target}")
    corpus.mkdir(exist_ok=True)
    for seed, data in targets.seeds(target):
        (corpus / seed).write_bytes(data)
    atheris.Setup([sys.argv[0], str(corpus), *sys.argv[1:]], lambda data: test_fuzz.check(target, name, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
