"""Both records of a pair beside each other for a reviewer, and contradictions in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.discover.comparison import queries, words
from anlan.county.discover.comparison.contradictions import Contradiction
from anlan.county.discover.comparison.reporting import line, rule_words
from anlan.county.discover.comparison.signs import figure
from anlan.county.discover.comparison.sources import source
from anlan.county.discover.models import ListRow, Review
from anlan.county.office.models import Division, User
from anlan.county.registry.models import REASONS
from anlan.engine.linkage.rules import rules as cascade

SHOWN = ("name", "id_number", "sex", "born", "phone", "place")
TITLES = {"name": "name", "id_number": "id", "sex": "sex", "born": "born", "phone": "phone", "place": "village"}
Stretches = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of both records, in stretches that are marked where the other differs."""

    title: str
    ours: Stretches
    theirs: Stretches
    differs: bool  # both say something, and not the same


def shown(review: Review, user: User, unmasked: str = "") -> dict[str, Any]:
    """The context of a pair's page: numbers and telephones masked, but for the field that was asked for."""
    row = ListRow.objects.filter(batch=review.batch_id, number=review.number).first()
    listed = _listed(row) if row else {}
    register = _registered(review)
    order = list(queries.queue(user).values_list("pk", flat=True))
    place = order.index(review.pk)
    rule = next((each for each in cascade().cascade if each.name == review.rule), None)
    odds = _share(rule.precision) if rule else ""
    return {
        "review": review, "source": source(review.batch.source), "row": row,
        "fields": [_field(name, listed.get(name, ""), register[name], name != unmasked) for name in SHOWN],
        "hidden": [(name, words.FIELDS[TITLES[name]]) for name in words.HIDDEN if listed.get(name) or register[name]],
        "unmasked": unmasked, "why": REASONS, "may_unmask": user.may("registry.unmask", review.household.division_id),
        "said": _said(review, row), "rule": rule_words(review.rule), "precision": odds,
        "alike": bool(rule and review.probability < rule.precision), "probability": _share(review.probability),
        "reasons": [(words.reason(code), words.agrees(code)) for code in review.reasons],
        "previous": order[place - 1] if place else None, "next": order[place + 1] if place + 1 < len(order) else None,
        "place": place + 1, "total": len(order),
    }  # fmt: skip


def _share(odds: float) -> str:
    """A probability to a tenth of a percent, never rounded up to a certainty."""
    return f"{min(odds, 0.999):.1%}"


def following(review: Review, user: User) -> int | None:
    """The pair after this one in the queue."""
    order = list(queries.queue(user).values_list("pk", flat=True))
    place = order.index(review.pk) if review.pk in order else len(order)
    return order[place + 1] if place + 1 < len(order) else None


def _listed(row: ListRow) -> dict[str, str]:
    who = line(row).who
    place = "".join(who.get(name, "") for name in ("division", "township", "village")) or who.get("address", "")
    return {**who, "place": place}


def _registered(review: Review) -> dict[str, str]:
    person, household = review.person, review.household
    if person is None:
        return dict.fromkeys(SHOWN, "")
    return {
        "name": person.name, "id_number": person.id_number, "sex": {"m": _("男"), "f": _("女")}.get(person.sex, ""),
        "born": person.born.isoformat(), "phone": household.phone, "place": household.division.name,
    }  # fmt: skip


def _field(name: str, ours: str, theirs: str, hidden: bool) -> Compared:
    mine, other = words.marked(ours, theirs), words.marked(theirs, ours)
    if hidden:
        mine, other = words.over(mine, words.masked(name, ours)), words.over(other, words.masked(name, theirs))
    return Compared(str(words.FIELDS[TITLES[name]]), mine, other, bool(ours and theirs and ours != theirs))


def _said(review: Review, row: ListRow | None) -> list[tuple[str, str]]:
    """What the list says besides, by its own headings."""
    columns = source(review.batch.source).columns
    said = line(row).said if row else {}
    return [
        (column.headings[0], column.choices[said[column.name]][0] if column.choices else figure(said[column.name]))
        for column in columns
        if column.name in said
    ]


def contradictions(found: Iterable[Contradiction]) -> list[dict[str, Any]]:
    """What lists say otherwise than the register, as a page lists it: the register's word first."""
    villages = dict(Division.objects.filter(level="village").values_list("code", "name"))
    return [
        {
            "name": each.name, "household": each.household, "division": each.division,
            "topic": words.TOPICS.get(each.topic, each.topic),
            "said": [
                (_("名册"), words.value(each.topic, each.registered, villages), None),
                (each.said.source.title, words.value(each.topic, each.said.value, villages), each.said.on),
            ],
        }
        for each in found
    ]  # fmt: skip


def conflicts(found: Iterable[queries.Conflict]) -> list[dict[str, Any]]:
    """Contradictions as a page lists them."""
    villages = dict(Division.objects.filter(level="village").values_list("code", "name"))
    return [
        {
            "name": each.name, "household": each.household, "division": each.division,
            "topic": words.TOPICS.get(each.topic, each.topic),
            "said": [(one.source.title, words.value(each.topic, one.value, villages), one.on) for one in each.said],
        }
        for each in found
    ]  # fmt: skip
