"""The county as founded: everything counted, everyone invented."""

from datetime import date

import numpy as np
import pytest

from anlan.county.drill.place import county
from anlan.county.drill.synthetic import OFFICERS, STATIONS_PER_TOWNSHIP, cadres_of, phone
from anlan.county.ledger.queries import verify
from anlan.county.office.models import Appointment, Clock, County, Division, Holder, User
from anlan.county.office.roles import ROLES
from anlan.county.registry.models import Category, Home, Household, Income, Person, WaterSource
from anlan.county.registry.queries import columns
from anlan.county.sense.models import Event, Station


def test_the_county_is_marked_as_a_drills(founded):
    assert County.objects.get().synthetic
    assert not Division.objects.filter(level="village", synthetic=False).exists()
    assert not Division.objects.filter(level="village").exclude(name__startswith="示例").exists()


def test_divisions_are_those_of_the_data_and_the_villages_drawn(founded):
    assert Division.objects.count() == 1 + len(county()["townships"]) + len(founded.villages)
    assert not Division.objects.filter(level__in=("county", "township"), outline__isnull=True).exists()
    assert not Division.objects.filter(lon__isnull=True).exists()
    remote = set(Division.objects.filter(remote=True).values_list("code", flat=True))
    assert remote == {village.code for village in founded.villages if village.remote}


@pytest.mark.clause("R1", "L1")
def test_every_role_is_held_and_every_village_has_a_cadre(founded):
    assert set(Appointment.objects.values_list("role", flat=True)) == set(ROLES)
    townships = Appointment.objects.filter(role="township_officer").values_list("division_id", flat=True)
    assert sorted(townships) == sorted(county()["townships"])
    cadres = set(Appointment.objects.filter(role="village_cadre").values_list("division_id", flat=True))
    assert cadres == {village.code for village in founded.villages}
    wanted = sum(len(cadres_of(village, 4.0)) for village in founded.villages)
    assert Appointment.objects.count() == len(OFFICERS) + len(county()["townships"]) + wanted
    assert set(Holder.objects.filter(duty="sweep").values_list("division_id", flat=True)) == cadres


def test_a_large_village_has_more_cadres_and_none_has_none(founded):
    village = founded.villages[0]
    assert len(cadres_of(village, 0.1)) == 1
    assert len(cadres_of(village, 1000.0)) == max(1, village.households)
    assert len(set(cadres_of(village, 1000.0))) == max(1, village.households)


def test_nobody_can_log_in_with_a_password(founded):
    assert not [user.username for user in User.objects.all() if user.has_usable_password() and user.password != "!"]


def test_the_registry_has_whom_it_is_to_know_and_nobody_else(founded):
    people = founded.households
    assert Household.objects.count() == people.registered.sum() < len(people.size)
    assert Person.objects.count() == people.size[people.registered].sum()
    assert Home.objects.count() == Income.objects.count() == Household.objects.count()
    points = Household.objects.filter(location="point")
    assert points.count() == (people.registered & ~np.isnan(people.registered_lon)).sum()
    assert not Household.objects.exclude(location="point").filter(lon__isnull=False).exists()


def test_what_is_on_record_is_what_was_drawn(founded):
    people, known = founded.households, columns([county()["code"]], date(2026, 6, 18))
    index = founded.ids[people.registered]
    place = {pk: number for number, pk in enumerate(known.id.tolist())}
    order = [place[pk] for pk in index.tolist()]
    for name in ("size", "labourers", "insured", "wage_yuan", "transfer_yuan", "home_yuan", "monitored"):
        assert getattr(known, name)[order].tolist() == getattr(people, name)[people.registered].tolist(), name
    assert known.crop_yuan[order] == pytest.approx(people.registered_crop_yuan[people.registered])


def test_nobody_real_is_in_it(founded):
    assert {number[:6] for number in Person.objects.values_list("id_number", flat=True)} == {"990123"}
    phones = Household.objects.exclude(phone="").values_list("phone", flat=True)
    assert {number[:3] for number in phones} == {"100"}
    assert phone(7) == "10000000007"
    assert len({household.phone for household in Household.objects.exclude(phone="")}) == (
        Household.objects.exclude(phone="").count()
    )


def test_everyone_is_born_and_every_income_is_of_the_year_before(founded):
    assert not Person.objects.filter(born__gte="2026-01-01").exists()
    assert set(Income.objects.values_list("until", flat=True)) == {date(2026, 5, 31)}
    assert not Category.objects.filter(since__gt="2026-01-01").exists()


def test_every_village_has_water_and_every_township_gauges(founded):
    assert WaterSource.objects.count() == 4 * len(founded.villages)
    assert not Household.objects.filter(water_source__isnull=True).exists()
    assert Station.objects.count() == STATIONS_PER_TOWNSHIP * len(county()["townships"])
    assert set(Station.objects.values_list("element", flat=True)) == {"rain_24h_mm"}


def test_nothing_has_happened_yet(founded):
    assert not Event.objects.exists()
    assert not Clock.objects.exists()
    assert verify().verified


def test_the_stage_finds_every_household_of_the_registry_again(founded):
    people = founded.households
    assert ((founded.ids > 0) == people.registered).all()
    assert sorted(founded.index_of) == sorted(Household.objects.values_list("id", flat=True))
    assert founded.officer("county_director").may("warn.approve")
    assert set(founded.townships) == {code[:9] for code in county()["townships"]}
    assert set(founded.cadres) == {village.code for village in founded.villages}
    with pytest.raises(LookupError, match="no event"):
        founded.event  # noqa: B018 (the asking is what is tested)
