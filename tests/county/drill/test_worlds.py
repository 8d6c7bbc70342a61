"""World files: every key known, every value in range, refused by name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.county.drill.worlds import read_world
from anlan.county.errors import BadInput


def test_the_default_world_is_the_committed_one():
    world = read_world()
    assert world["hazard", "displacement_km"] == 3.0
    assert world["people", "reads_sms_over_60"] == 0.40
    assert world["cadres", "visits_per_day"] == 18
    assert len(world.as_dict()) == 9


def test_a_file_changes_what_it_names_and_nothing_else():
    world = read_world("[people]\nphone_invalid = 1.0\n")
    assert world["people", "phone_invalid"] == 1.0
    assert world["people", "reads_sms"] == read_world()["people", "reads_sms"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[weather]\nx = 1", "weather"),
        ("people = 3", "people"),
        ("[people]\nphone = 0.5", "people.phone"),
        ("[people]\nreads_sms = 1.5", "people.reads_sms"),
        ("[people]\nreads_sms = -0.1", "people.reads_sms"),
        ("[people]\nreads_sms = nan", "people.reads_sms"),
        ("[people]\nreads_sms = 'many'", "people.reads_sms"),
        ("[people]\nreads_sms = true", "people.reads_sms"),
        ("[cadres]\nvisits_per_day = 0", "cadres.visits_per_day"),
        ("[people", "calm.toml"),
    ],
)
def test_what_cannot_be_is_refused_by_name(text, place):
    with pytest.raises(BadInput, match=place.replace(".", r"\.")):
        read_world(text, source="calm.toml")


@given(st.text(max_size=60))
@settings(max_examples=50)
def test_any_text_is_read_or_refused(text):
    try:
        world = read_world(text)
    except BadInput:
        return
    assert world.as_dict().keys() == read_world().as_dict().keys()
