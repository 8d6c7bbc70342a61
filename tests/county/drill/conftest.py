"""A drill's world without a database, and a county founded from it once a module."""

from functools import cache

import pytest
from django.db import transaction

from anlan.county import clock
from anlan.county.drill import synthetic
from anlan.county.drill.households import households
from anlan.county.drill.place import villages
from anlan.county.drill.requests import Request
from anlan.county.drill.scenario import read
from anlan.county.drill.stage import Stage
from anlan.county.drill.worlds import read_world
from anlan.county.office.actions import load_reference

LINE_YUAN = 8500.0
SEED, SIZE = 5, 20_000


@cache
def drawn(world="", seed=SEED, size=SIZE):
    """The villages and the households of a world given as TOML."""
    places = villages(seed, size)
    return places, households(seed, places, read_world(world), LINE_YUAN)


@cache
def stage(name="june_rainstorm", world="", size=300):
    """A stage that no county stands on yet."""
    return Stage(Request(scenario=name, seed=SEED, households=size, world=read_world(world)), read(name))


@pytest.fixture(scope="module")
def founding(county_rows, django_db_blocker):
    """The stage of a small drill with its county founded; taken back with the module."""
    ready = Stage(Request(scenario="june_rainstorm", seed=SEED, households=300), read("june_rainstorm"))
    whole = transaction.atomic()
    whole._from_testcase = True  # as Django's own test cases mark theirs: durable blocks may stand inside
    with django_db_blocker.unblock(), whole, clock.held(synthetic.eve(ready.start)):
        load_reference()
        synthetic.found(seed=SEED, villages=ready.villages, world=ready.world, element=ready.scenario.element)
        until = ready.start.date().replace(month=5, day=31)
        synthetic.enrol(seed=SEED, villages=ready.villages, households=ready.households, until=until)
        yield ready
        transaction.set_rollback(True)


@pytest.fixture
def founded(founding, db):
    """That county inside a test's own transaction, on the morning of the storm, with a stage of its own."""
    with clock.held(founding.start):
        yield Stage(founding.request, founding.scenario)
