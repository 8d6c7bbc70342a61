"""Three facts are told in three places on purpose; here they are kept equal."""

import tomllib
from pathlib import Path

from django.conf import settings

from anlan.county.mission import NAMES, ROOMS

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def contract(name: str) -> dict:
    (found,) = (contract for contract in CONTRACTS if contract["name"].startswith(name))
    return found


def test_the_installed_rooms_are_the_missions():
    installed = [app.removeprefix("anlan.county.") for app in settings.INSTALLED_APPS if app.startswith("anlan.")]
    assert installed == [*NAMES, "config"]


def test_the_import_contract_lists_the_rooms_in_the_missions_order():
    layers = contract("A room may import")["layers"]
    rooms = [layer for layer in layers if layer in NAMES]
    assert rooms == list(reversed(NAMES))


def test_every_room_is_held_to_the_order_inside_a_room():
    assert contract("Inside every room")["containers"] == [f"anlan.county.{name}" for name in NAMES]


def test_every_room_is_a_package_with_a_purpose():
    for room in ROOMS:
        package = ROOT / "src" / "anlan" / "county" / room.name / "__init__.py"
        assert package.read_text().startswith('"""'), room.name
        assert room.purpose


def test_no_room_is_empty():
    for name in NAMES:
        deeds = [
            path for path in (ROOT / "src/anlan/county" / name).rglob("*.py") if path.name in {"actions.py", "views.py"}
        ]
        assert deeds, f"{name} has no action and no screen"
