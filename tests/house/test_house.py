"""The house keeps its own rules: what is documented exists, what exists is documented."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import makeorbuy
from makeorbuy.assessment.catalogue import catalogue
from makeorbuy.case.assumptions import declarations
from makeorbuy.cli.main import cli

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_every_path_in_the_where_is_table_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = text.split("| where is …? | there |")[1].split("\n\n")[0]
    paths = re.findall(r"`([\w/.-]+/[\w/.-]*|[\w-]+\.(?:py|md|csv|toml))`", table)
    assert len(paths) >= 10
    places = (ROOT, ROOT / "src/makeorbuy")
    assert [path for path in paths if not any((place / path).exists() for place in places)] == []


def test_the_public_face_is_what_is_importable_and_documented() -> None:
    assert sorted(makeorbuy._WHERE) == sorted(makeorbuy.__all__)
    text = (DOCS / "api.md").read_text("utf-8")
    for name in makeorbuy.__all__:
        assert getattr(makeorbuy, name).__doc__, name
        assert f"`{name}`" in text, name


def test_every_command_is_documented_and_has_an_example() -> None:
    text = (ROOT / "README.md").read_text("utf-8") + (DOCS / "commands.md").read_text("utf-8")
    for name, command in cli.commands.items():
        assert f"makeorbuy {name}" in text, name
        assert f"makeorbuy {name}" in (command.help or ""), f"{name} has no example in its help"


def test_every_kind_of_figure_has_both_labels_a_formula_and_a_method_that_exists() -> None:
    specs = catalogue()
    assert len(specs) > 40
    for name, spec in specs.items():
        assert spec.nb and spec.en and spec.formula, name
        page, _, anchor = spec.method.partition("#")
        file = DOCS / "methods" / Path(page).name
        assert file.is_file(), f"{name}: {spec.method}"
        if anchor:
            headings = {
                re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
                for line in file.read_text("utf-8").splitlines()
                if line.startswith("#")
            }
            assert anchor in headings, f"{name}: {spec.method}, not among {sorted(headings)}"


def test_the_page_of_all_figures_is_up_to_date() -> None:
    from makeorbuy.assessment.reference import page

    assert (DOCS / "figures.md").read_text("utf-8") == page()


def test_a_figures_name_is_its_address() -> None:
    for name, spec in catalogue().items():
        stage, _, rest = name.partition(".")
        assert stage in ("evidence", "baseline", "projection", "decision", "assessment"), name
        assert rest and spec.name == name


def test_every_assumption_is_documented() -> None:
    text = (DOCS / "case-folder.md").read_text("utf-8")
    for name, declared in declarations().items():
        assert f"`{name}`" in text, name
        assert declared.minimum <= min(declared.default) <= max(declared.default) <= declared.maximum, name
        assert list(declared.default) == sorted(declared.default), name
        assert len(declared.default) == (3 if declared.type == "uncertain" else 1), name


def test_every_package_says_what_goes_in_and_what_comes_out() -> None:
    for stage in ("case", "evidence", "baseline", "projection", "decision", "assessment", "brief"):
        text = import_module(f"makeorbuy.{stage}").__doc__ or ""
        assert "In:" in text and "Out:" in text, stage


@pytest.mark.parametrize("heavy", ["numpy", "duckdb", "pydantic", "rich", "ruamel", "holidays"])
def test_help_reaches_no_heavy_package(heavy: str) -> None:
    script = (
        "import sys\n"
        "from makeorbuy.cli.main import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        f"sys.exit(any(name.split('.')[0] == {heavy!r} for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr


def test_nothing_names_a_place_outside_the_project() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    forbidden = ("pypi" + "-more", "file:///" + "opt", "/work/" + "main", "helper" + "-")
    found = []
    for name in tracked.stdout.splitlines():
        file = ROOT / name
        if file.is_file() and file.stat().st_size < 2_000_000:
            text = file.read_text("utf-8", errors="ignore")
            found += [(name, word) for word in forbidden if word in text]
    assert found == []


def test_constraints_pin_names_and_versions_only() -> None:
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9_.-]+==[\w.]+", line), line
