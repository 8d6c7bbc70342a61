"""A storm over a small county."""

import pytest
from tests.county.storm import Storm, make_storm

from anlan.county import clock
from anlan.county.sense.models import Alert


@pytest.fixture
def storm(people, now) -> Storm:
    """Twenty households in four villages under an orange rainstorm, with an impact run."""
    return make_storm(now)


@pytest.fixture
def red(storm):
    """The storm under a red alert of a source nobody doubts."""
    storm.event.alert = Alert.objects.create(
        source="t", identifier="t", sender="upstream", sent_at=clock.now(), received_at=clock.now(), status="Actual",
        msg_type="Alert", hazard="rainstorm", level=4, verdict="accepted", digest="0" * 64, raw=b"",
    )  # fmt: skip
    storm.event.level = 4
    storm.event.save()
    return storm
