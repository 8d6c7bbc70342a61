"""What never belongs in the project."""

import re
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def pinned(name: str) -> list[str]:
    text = (ROOT / "requirements" / name).read_text()
    return re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==", text, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(set(pinned("run.txt")) - {"colorama", "tzdata"}))
def test_nothing_installed_to_run_is_under_the_gpl(name):
    meta = distribution(name).metadata
    words = " ".join([meta.get("License-Expression") or "", *meta.get_all("Classifier", [])])
    licence = (words + " " + (meta.get("License") or "")[:80]).upper()
    assert not re.search(r"\bA?GPL|AFFERO|GNU GENERAL PUBLIC", licence), f"{name}: {licence}"


@pytest.mark.parametrize("name", ["run", "dev", "uv", "node", "spark", "splink", "fast", "apprise"])
def test_every_requirement_says_why(name):
    for line in (ROOT / "requirements" / f"{name}.in").read_text().splitlines():
        if line and not line.startswith(("#", "-")):
            assert "#" in line, line


@pytest.mark.parametrize(
    "name", ["run.txt", "dev.txt", "uv.txt", "node.txt", "spark.txt", "splink.txt", "fast.txt", "apprise.txt"]
)
def test_every_pin_has_a_hash_and_no_address(name):
    text = (ROOT / "requirements" / name).read_text()
    assert text.count("--hash=sha256:") >= len(pinned(name)) > 0
    assert "://" not in text


def test_the_front_ends_lock_has_no_address():
    assert "://" not in (ROOT / "package-lock.json").read_text().replace('"url": "https://', '"funding": "')


def test_no_large_or_foreign_file_is_tracked():
    for path in tracked():
        assert path.stat().st_size < 500_000, path
        assert path.suffix not in {".whl", ".tgz", ".mo", ".sqlite3", ".png"} or "docs" in path.parts, path


def test_no_path_of_a_machine_stands_in_the_project():
    forbidden = re.compile("/" + "work/|/" + "root/|/tmp/" + "bash")
    for path in tracked():
        if path.suffix in {".png", ".jpg"}:
            continue
        found = forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
        assert not found, f"{path}: {found and found.group()}"


def test_messages_hold_no_print_or_logging_of_people():
    for path in (ROOT / "src").rglob("*.py"):
        for line in path.read_text().splitlines():
            if re.search(r"logg(er|ing)\.(debug|info|warning|error|exception)", line):
                assert not re.search(r"id_number|phone|head_name|\.name\b", line), f"{path}: {line}"
