"""Everything the county's tables hold, to be compared before and after a deed."""

from typing import Any

from django.apps import apps


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours, by model."""
    models = [model for model in apps.get_models() if model.__module__.startswith("anlan.")]
    return {model._meta.label: list(model.objects.order_by("pk").values_list()) for model in models}


def changed(before: dict[str, list[tuple[Any, ...]]], after: dict[str, list[tuple[Any, ...]]]) -> set[str]:
    """The models whose rows differ."""
    return {label for label in before if before[label] != after[label]}
