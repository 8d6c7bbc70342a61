"""What the import linter cannot see: keys, deletions, scopes."""

import pytest
from django.apps import apps
from django.db import models

from anlan.county.mission import NAMES
from anlan.county.office.models import Scoped

OURS = [model for model in apps.get_models() if model._meta.app_label in NAMES]


def keys():
    for model in OURS:
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey | models.ManyToManyField) and not field.auto_created:
                yield model, field


@pytest.mark.parametrize(("model", "field"), list(keys()), ids=lambda thing: getattr(thing, "__name__", str(thing)))
def test_a_key_points_to_the_same_room_or_an_earlier_one(model, field):
    target = field.related_model._meta.app_label
    assert NAMES.index(target) <= NAMES.index(model._meta.app_label)


def test_nothing_is_deleted_through_a_key_but_a_households_or_runs_own_parts():
    cascading = {
        f"{model._meta.label}.{field.name}"
        for model, field in keys()
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE
    }
    assert cascading == {
        "registry.Person.household",
        "registry.Home.household",
        "registry.Holding.household",
        "registry.Income.household",
        "registry.Category.household",
        "registry.Address.household",
        "registry.Mending.household",
        "sense.Observation.station",
        "foresee.Impact.run",
        "foresee.Lesson.run",
        "foresee.Outlook.run",
    }


def leads_to_a_household(model, seen=()) -> bool:
    if model._meta.label == "registry.Household":
        return True
    targets = [field.related_model for owner, field in keys() if owner is model and field.related_model not in seen]
    return any(leads_to_a_household(target, (*seen, model)) for target in targets)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_model_that_leads_to_a_household_can_be_scoped(model):
    if leads_to_a_household(model):
        assert issubclass(type(model._default_manager.all()), Scoped)
        model._default_manager.within("360123101").exists  # noqa: B018 (the path must resolve)
        str(model._default_manager.within("360123101").query)


def test_only_the_drill_knows_the_truth():
    assert not [model for model in OURS if "truth" in model.__name__.lower()]
