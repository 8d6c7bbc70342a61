"""The county in the middle of a storm."""

from copy import deepcopy

import pytest
from tests.conftest import NOW
from tests.county.storm import make_storm
from tests.founded import kept, put_back
from tests.stories.midway import Midway, halfway

from anlan.county import clock
from anlan.county.office.models import User


@pytest.fixture(scope="session")
def midway_rows(county_rows, django_db_blocker):
    """The storm, the rows that got it half way, and the hour it is then: made once, as the county is."""

    def make():
        put_back(county_rows)
        people = {user.username: user for user in User.objects.all()}
        return halfway(make_storm(NOW), people).storm, clock.now()

    with django_db_blocker.unblock(), clock.held(NOW):
        return kept(make)


@pytest.fixture
def midway(county_rows, midway_rows, people) -> Midway:
    """Something stands at every step of the plan."""
    (storm, hour), rows = midway_rows
    put_back(rows, over=county_rows)
    clock.advance(hour - clock.now())
    return Midway(deepcopy(storm), people)
