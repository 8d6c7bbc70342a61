"""Every field that holds something of a person is named in its model's PERSONAL, and kept as its kind demands.

By its name: a list of suspicious words. By its content: a whole drill, every text of which is looked through.
"""

import re

import pytest
from django.apps import apps
from django.db import models

from anlan.county.mission import NAMES
from anlan.county.personal import KINDS, Mask, personal
from anlan.county.registry.models import Household, Person
from anlan.county.sealed import BlindIndex, SealedField

OURS = [model for model in apps.get_models() if model._meta.app_label in NAMES]
SUSPICIOUS = re.compile(
    r"name|phone|mobile|^tel|email|address|contact|id_number|identity|born|birth|sex|gender|health|illness|disab|bank|"
    r"account_no|card|password|reporter|applicant|note|text|remark|^receipt$|^lon$|^lat$|by$"
)
# Fields whose names only sound like a person: of places, departments, files, duties, and of what officials publish.
OTHERS = {
    "office.Division.name", "office.Division.lon", "office.Division.lat", "office.Department.name",
    "registry.WaterSource.name", "sense.Station.name", "sense.Station.lon", "sense.Station.lat",
    "dispatch.Message.claimed_by", "registry.Mapping.name", "registry.Shelter.name", "registry.Shelter.lon",
    "registry.Shelter.lat", "registry.School.name",
    "dispatch.Account.name", "dispatch.Account.held_by", "verify.Submission.phone_at",
    "sense.Alert.answer_by", "sense.Feed.name",
}  # fmt: skip
TEXTS = models.CharField | models.TextField | models.JSONField | SealedField


def fields():
    for model in OURS:
        for field in model._meta.concrete_fields:
            if not field.is_relation and not isinstance(field, BlindIndex):
                yield f"{model._meta.label}.{field.name}", model, field


def test_every_field_that_sounds_like_a_person_is_named():
    loose = [
        name
        for name, model, field in fields()
        if SUSPICIOUS.search(field.name) and field.name not in personal(model) and name not in OTHERS
        and isinstance(field, TEXTS | models.FloatField | models.DateField)
    ]  # fmt: skip
    assert loose == []


def test_every_exception_is_a_field_that_exists():
    assert {name for name, _model, _field in fields()} >= OTHERS


@pytest.mark.parametrize("model", [model for model in OURS if personal(model)], ids=lambda model: model._meta.label)
def test_every_personal_field_exists_and_is_kept_as_its_kind_demands(model):
    for name, kind in personal(model).items():
        field = model._meta.get_field(name)
        assert isinstance(field, SealedField) == KINDS[kind].sealed, f"{model._meta.label}.{name}"


def test_every_sealed_field_is_named():
    for name, model, field in fields():
        if isinstance(field, SealedField):
            assert field.name in personal(model), name


def test_every_kind_is_used_and_sensitive_ones_are_sealed():
    used = {kind for model in OURS for kind in personal(model).values()}
    assert used == set(KINDS)
    assert {name for name, kind in KINDS.items() if kind.sealed} == {
        "id_number",
        "phone",
        "contact",
        "health",
        "past",
        "listed",
        "stated",
        "secret",
    }


def test_an_index_of_a_sealed_field_is_of_one_that_exists():
    for model in OURS:
        for field in model._meta.concrete_fields:
            if isinstance(field, BlindIndex):
                assert isinstance(model._meta.get_field(field.of), SealedField)
            if isinstance(field, SealedField) and field.index:
                assert isinstance(model._meta.get_field(field.index), BlindIndex)


@pytest.mark.long
@pytest.mark.xdist_group("small_drill")
def test_no_other_field_of_a_whole_drill_holds_a_person(small_drill):
    people = Person.objects.values_list("name", "id_number")
    known = {name for name, _number in people if len(name) > 2} | {number for _name, number in people}
    known |= set(Household.objects.exclude(phone="").values_list("phone", flat=True))
    assert len(known) > 1000
    looked, found = 0, set()
    shape = re.compile(r"\d{17}[\dX]|100\d{8}|[\u4e00-\u9fff]{3}")
    for name, model, field in fields():
        if field.name in personal(model) or not isinstance(field, TEXTS):
            continue
        for value in model._base_manager.values_list(field.name, flat=True).iterator(chunk_size=2000):
            looked += 1
            text = str(value)
            parts = {text[at : at + len(hit)] for hit in shape.findall(text) for at in [text.index(hit)]}
            parts |= {
                run[at : at + 3] for run in re.findall(r"[\u4e00-\u9fff]{3,}", text) for at in range(len(run) - 2)
            }
            if parts & known:
                found.add(name)
                break
    assert looked > 10_000
    assert found == set()


@pytest.mark.long
@pytest.mark.xdist_group("small_drill")
def test_every_index_and_every_search_word_of_a_whole_drill_is_in_step(small_drill):
    from anlan.county.registry.members import DISABLED, marker, words

    derive = Person._meta.get_field("id_index").deriver()
    assert all(index == derive(number) for number, index in Person.objects.values_list("id_number", "id_index"))
    whole, tail = (Household._meta.get_field(name).deriver() for name in ("phone_index", "phone_tail"))
    rows = Household.objects.values_list("phone", "phone_index", "phone_tail")
    assert all((whole(phone), tail(phone)) == (one, other) for phone, one, other in rows)
    mark = marker()
    for each in Household.objects.prefetch_related("people"):
        members = each.people.all()
        assert each.names == words([each.head_name, *(who.name for who in members)])
        disabled = any(who.health == DISABLED for who in members)
        assert (each.disabled_mark == mark(each.code, True)) == disabled


def test_a_mask_needs_no_more_than_the_kinds_it_serves():
    served = {kind.scrub.__name__ for kind in KINDS.values() if kind.scrub}
    own = {name for name in vars(Mask) if not name.startswith("_") and name != "birthday"}
    assert own == served
