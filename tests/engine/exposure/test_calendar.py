"""The district's crops through the year."""

from datetime import date, timedelta

import pytest

from anlan.engine.exposure import calendar
from anlan.engine.exposure.calendar import CalendarInvalid, crops, read, stage

GOOD = {
    "since": date(2023, 2, 17), "source": "示例", "trust": "design", "stages": [{"from": "03-01", "stage": "green"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("crop", "on", "expected"),
    [
        ("rice", date(2026, 6, 18), "tillering"),
        ("rice", date(2026, 7, 25), "heading"),
        ("rice", date(2026, 7, 24), "booting"),
        ("rice", date(2026, 1, 5), "fallow"),
        ("rape", date(2026, 1, 5), "seedling"),
        ("rape", date(2026, 6, 18), "fallow"),
        ("vegetables", date(2026, 1, 1), "standing"),
        ("lotus", date(2026, 6, 18), "standing"),
    ],
)
def test_a_crop_is_as_far_as_the_calendar_says(crop, on, expected):
    assert stage(crop, on) == expected


def test_every_crop_has_a_stage_on_every_day_also_of_a_leap_year():
    for each in crops().values():
        days = [each.stage(date(2024, 1, 1) + timedelta(days=day)) for day in range(366)]
        assert set(days) == {name for _begins, name in each.stages}


def test_every_calendar_says_since_when_and_where_it_comes_from():
    assert calendar.OTHER in crops()
    for each in crops().values():
        assert each.source
        assert each.since.year == 2023


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stages": []}, "needs since"),
        ({"colour": "green"}, "needs since"),
        ({"trust": "hearsay"}, "trust"),
        ({"source": ""}, "source"),
        ({"stages": [{"from": "02-30", "stage": "green"}]}, "02-30 is no day"),
        ({"stages": [{"begins": "02-03", "stage": "green"}]}, "has from and stage"),
        ({"stages": [{"from": "03-01", "stage": "green"}, {"from": "03-01", "stage": "ripe"}]}, "on one day"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(change, said):
    with pytest.raises(CalendarInvalid, match=f"rice: .*{said}"):
        read({"rice": GOOD | change})
