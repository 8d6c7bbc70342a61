"""The import contracts hold, and each of them catches the import it is there to catch."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BREAKS = {
    "The engine is pure": ("engine/values/divisions.py", "import django.db"),
    "The engine's own storeys": ("engine/values/divisions.py", "import anlan.engine.policy"),
    "A room may import only rooms earlier in the mission": (
        "county/ledger/models.py",
        "import anlan.county.drill.models",
    ),
    "Inside every room": ("county/ledger/queries.py", "import anlan.county.ledger.actions"),
    "No cycles anywhere": ("county/mission.py", "import anlan.cli"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).parent / "lint-imports"
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    return subprocess.run(
        [linter, "--config", folder / "pyproject.toml", "--no-cache"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(house: Path):
    outcome = lint(house)
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize("name", BREAKS)
def test_a_forbidden_import_is_caught(house: Path, name: str):
    place, line = BREAKS[name]
    path = house / "src" / "anlan" / place
    path.write_text(f"{path.read_text()}\n{line}\n")
    outcome = lint(house)
    broken = [row for row in outcome.stdout.splitlines() if row.startswith(name) and "BROKEN" in row]
    assert outcome.returncode != 0
    assert broken, outcome.stdout
