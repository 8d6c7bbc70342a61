"""What every test can ask for: a small county with its people in office, a held clock, the real data."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings

from anlan.county import clock

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 18, 20, 0, tzinfo=SHANGHAI)

# How long it takes to make an example says how busy the machine is, and nothing of the code.
settings.register_profile("anlan", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("anlan")


@pytest.fixture(scope="session", autouse=True)
def spool_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests send lies in a folder of their own: a drill empties it first, and workers must not meet in it."""
    from django.test.utils import override_settings

    with override_settings(
        SPOOL=tmp_path_factory.mktemp("spool"),
        IMPORTS=tmp_path_factory.mktemp("imports"),
        LISTS=tmp_path_factory.mktemp("lists"),
        PHOTOS=tmp_path_factory.mktemp("photos"),
        SNAPSHOTS=tmp_path_factory.mktemp("snapshots"),
        EXPOSURE=tmp_path_factory.mktemp("exposure"),
        SPEECH=tmp_path_factory.mktemp("speech"),
        SNAPSHOT_DAYS=0,
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def keys_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests seal with keys made for them."""
    from django.test.utils import override_settings

    from anlan.county import seal

    keys = tmp_path_factory.mktemp("keys") / "keys.toml"
    seal.write(seal.new_ring("aes"), keys, new=True)
    with override_settings(KEYS=keys):
        yield


@pytest.fixture(autouse=True)
def the_language_is_put_back() -> Iterator[None]:
    """A page asked for in English leaves its thread in English, and the next test would read it."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture
def now() -> Iterator[datetime]:
    """Hold the clock at an evening in June 2026."""
    with clock.held(NOW):
        yield NOW


@pytest.fixture
def real_data() -> Path:
    """The folder of real files; the test is skipped by name where it is missing."""
    if not DATA.is_dir():
        pytest.skip("real data (../shared/data) is not here")
    return DATA


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests whose system part is missing, by its name; fail them where ANLAN_REQUIRE names it."""
    required = {part for part in os.environ.get("ANLAN_REQUIRE", "").split(",") if part}
    for mark in item.iter_markers("needs"):
        (part,) = mark.args
        if not _present(part):
            if part in required:
                pytest.fail(f"{part} is required here and is missing")
            pytest.skip(f"{part} is not on this machine")


def _present(part: str) -> bool:
    if part == "postgresql":
        return bool(os.environ.get("ANLAN_TEST_POSTGRESQL"))
    if part in ("splink", "numba", "apprise"):
        return find_spec(part) is not None
    if part == "spark":
        return find_spec("pyspark") is not None and shutil.which("java") is not None
    return shutil.which({"espeak": "espeak-ng"}.get(part, part)) is not None


@pytest.fixture
def county(county_rows, db: None, now: datetime):  # type: ignore[no-untyped-def]
    """A county of two townships with two villages each, departments, duties, and one user per role.

    Usernames are the role's key, with `_a` and `_b` for the two townships and their first villages:
    `duty_officer`, `duty_officer_2`, `county_director`, `department_clerk`, `township_officer_a`,
    `township_officer_b`, `village_cadre_a`, `village_cadre_b`, `auditor`, `administrator`.

    It is founded once in a process; every test gets its rows as they were.
    """
    from tests.founded import put_back

    from anlan.county.office.models import County

    put_back(county_rows)
    return County.objects.get()


@pytest.fixture(scope="session")
def county_rows(django_db_setup, django_db_blocker):  # type: ignore[no-untyped-def]
    """The rows of that county: to found it takes a tenth of a second, and thousands of tests ask for it."""
    from tests.founded import found, kept

    with django_db_blocker.unblock(), clock.held(NOW):
        return kept(found)[1]


@pytest.fixture
def people(county):  # type: ignore[no-untyped-def]
    """The county's users by username, and the machine's own as `anlan`."""
    from anlan.county.office.models import User

    return {user.username: user for user in User.objects.all()}


@pytest.fixture
def as_(client, people):  # type: ignore[no-untyped-def]
    """A browser in which one of the county's people is logged in."""

    def enter(username):
        client.force_login(people[username])
        return client

    return enter


@pytest.fixture(scope="module")
def drilled(county_rows, django_db_blocker):  # type: ignore[no-untyped-def]
    """The report of a small June rainstorm, run once a module; its rows are taken back with the module."""
    from django.db import transaction

    from anlan.county.drill.actions import run_drill
    from anlan.county.drill.requests import Request

    whole = transaction.atomic()
    whole._from_testcase = True  # as Django's own test cases mark theirs: durable blocks may stand inside
    with django_db_blocker.unblock(), whole:
        yield run_drill(request=Request(scenario="june_rainstorm", seed=3, households=600))
        transaction.set_rollback(True)


@pytest.fixture
def small_drill(drilled, db):  # type: ignore[no-untyped-def]
    """The county of that drill, inside a test's own transaction."""
    return drilled
