"""From linked rows to statements and leads; and what a department gets back. Inside the actions' transactions."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.county import bulk, clock
from anlan.county.discover import rules
from anlan.county.discover.actions import report as report_leads
from anlan.county.discover.comparison import people, queries, signs
from anlan.county.discover.comparison.linking import Match
from anlan.county.discover.comparison.reading import Line
from anlan.county.discover.comparison.signs import Shown
from anlan.county.discover.comparison.sources import DataSource, source, sources
from anlan.county.discover.merging import Report
from anlan.county.discover.models import Batch, Lead, Link, ListRow, Statement
from anlan.county.discover.queries import known_keys
from anlan.county.office.models import User
from anlan.county.registry.models import Category
from anlan.county.sense.models import SCREENING, Event
from anlan.engine.linkage.rules import rules as cascade

LINK = ("batch_id", "number", "household_id", "person_id", "rule", "precision", "reported")
STATEMENT = ("household_id", "person_id", "source", "topic", "value", "said_on", "batch_id")
FIELDS = {
    "name": gettext_lazy("姓名"), "id_number": gettext_lazy("身份证号"), "village": gettext_lazy("所在村"),
    "categories": gettext_lazy("类别"), "lead": gettext_lazy("线索办理情况"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What linked rows came to: new leads, leads that were there and got one more source, rows that show no risk."""

    leads: int
    merged: int
    below: int


def cells(line: Line) -> str:
    """A line as it is kept."""
    return json.dumps({"who": line.who, "said": line.said}, ensure_ascii=False)


def line(row: ListRow) -> Line:
    """A line as it was kept."""
    return Line(row.number, row.key, row.told["who"], row.told["said"])


def report(batch: Batch, links: Sequence[Match], event: Event | None, by: User) -> Told:
    """Write links and statements, and report who shows a risk: to the event, or to the month's screening.

    A household whose lead from an earlier month's screening is still pending gets one more source there instead.
    """
    today, origin = clock.today(), source(batch.source)
    key_homes = people.key_households((each.home for each in links), today)
    shown = {
        each.line.number: signs.shown(origin, each.line.said, key_group=each.home in key_homes, on=today)
        for each in links
    }
    bulk.insert(Link, LINK, ((batch.pk, each.line.number, each.home, each.person, each.rule, each.probability,
                              bool(shown[each.line.number])) for each in links))  # fmt: skip
    _state(batch, origin, links)
    reports = [(event, _report(batch, origin, each, sign, event)) for each in links for sign in shown[each.line.number]]
    leads, merged = _reported(reports, event or batch.event, by)
    return Told(leads, merged, sum(not found for found in shown.values()))


def _report(batch: Batch, origin: DataSource, match: Match, sign: Shown, event: Event | None) -> Report:
    """A sign as a report. Without an event the same statement is the same report, in whichever month it is made."""
    facts = (event.code if event else "", origin.key, str(match.person), sign.title, str(sign.value))
    key = hashlib.sha256("|".join(facts).encode()).hexdigest()[:40]
    basis = queries.basis(origin, clock.today())
    said = signs.told(origin, sign)
    text = _("%(title)s（%(month)s）：%(said)s；%(rule)s；依据：%(basis)s") % {
        "title": origin.title, "month": f"{batch.month:%Y-%m}", "said": said, "rule": rule_words(match.rule),
        "basis": basis,
    }  # fmt: skip
    reason = {
        "source": origin.key, "batch": batch.pk, "rule": match.rule, "precision": match.probability,
        "sign": sign.title, "value": sign.value, "threshold": sign.threshold, "parameters": list(sign.parameters),
        "verified": sign.verified, "basis": basis, "day": clock.today().isoformat(),
    }  # fmt: skip
    claim = {"kinds": [sign.kind], "text": text, "reason": reason}
    return Report(f"dept-{key}", "dept", match.home, clock.now(), claim)


def rule_words(rule: str) -> str:
    """The evidence of a rule, as a reviewer reads it."""
    found = next((each.evidence for each in cascade().cascade if each.name == rule), "")
    return found or _("经人核对为同一人")


def _reported(reports: Sequence[tuple[Event | None, Report]], event: Event, by: User) -> tuple[int, int]:
    """Merge the reports into leads. Returns how many leads are new, and how many got one more source."""
    seen = known_keys(each.key for _event, each in reports)
    fresh = [each for _event, each in reports if each.key not in seen]
    homes = sorted({each.household_id for each in fresh})
    pending = _pending(homes) if event.hazard == SCREENING else {}
    standing = set(Lead.objects.filter(event=event, household_id__among=homes).values_list("household_id", flat=True))
    groups: dict[int, list[Report]] = {}
    for each in fresh:
        groups.setdefault(pending.get(each.household_id, event.pk), []).append(each)
    events = Event.objects.in_bulk(list(groups))
    for key, group in sorted(groups.items()):
        report_leads(event=events[key], reports=group, by=by)
    merged = sum(home in standing or home in pending for home in homes)
    return len(homes) - merged, merged


def _pending(homes: Sequence[int]) -> dict[int, int]:
    """Of these households, those with a lead of some month's screening that nobody has settled: the event's id."""
    leads = Lead.objects.filter(household_id__among=homes, event__hazard=SCREENING, state__in=rules.PENDING)
    return dict(leads.order_by("event__code").values_list("household_id", "event_id"))


def _state(batch: Batch, origin: DataSource, links: Iterable[Match]) -> None:
    """Write down what the list says of its people; what an earlier list of this source said of them is gone."""
    places = people.villages()
    day = clock.today()
    said: dict[tuple[int, str], tuple[Any, ...]] = {}
    everybody = set()
    for each in links:
        everybody.add(each.person)
        spoken = signs.statements(origin, each.line.said, people.village_of(each.line.who, places))
        for topic, value in spoken.items():
            said[each.person, topic] = (each.home, each.person, origin.key, topic, value, _said_on(each, day), batch.pk)
    Statement.objects.filter(source=origin.key, person_id__among=sorted(everybody)).delete()
    bulk.insert(Statement, STATEMENT, said.values())


def _said_on(match: Match, day: date) -> date:
    """The day a row names, no later than today; else today."""
    try:
        return min(day, date.fromisoformat(str(match.line.said.get("day", ""))))
    except ValueError:
        return day


# --- sharing back ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Shared:
    """A sheet for a department: rows of text, headings first."""

    fields: list[str]
    rows: list[list[str]]


def shared(department: str, by: User) -> Shared | None:
    """The people of a department's own lists with the fields that every one of those lists may share back."""
    own = [each for each in sources().values() if each.department == department]
    if not own:
        return None
    fields = [name for name in FIELDS if any(name in each.share for each in own)]
    rows = [[str(_("名单")), *(str(FIELDS[name]) for name in fields)]]
    for each in own:
        rows += _shared(each, fields, by)
    return Shared(fields, rows)


def _shared(origin: DataSource, fields: Sequence[str], by: User) -> list[list[str]]:
    links = Link.objects.visible_to(by).filter(batch__source=origin.key, person__isnull=False)
    columns = ("person_id", "household_id", "person__name", "person__id_number", "household__division__name")
    found = {row[0]: row for row in links.order_by("household__code", "person_id").values_list(*columns)}
    homes = sorted({row[1] for row in found.values()})
    kinds = _categories(homes)
    leads = _lead_states(homes)
    return [
        [origin.title]
        + [
            {"name": name, "id_number": number, "village": village, "categories": kinds.get(home, ""),
             "lead": leads.get(home, "")}[each] if each in origin.share else ""
            for each in fields
        ]
        for _person, home, name, number, village in found.values()
    ]  # fmt: skip


def _categories(homes: Sequence[int]) -> dict[int, str]:
    held: dict[int, list[str]] = {}
    rows = Category.objects.on(clock.today()).filter(household_id__among=homes).values_list("household_id", "kind")
    for home, kind in rows.order_by("household_id", "kind"):
        held.setdefault(home, []).append(kind)
    return {home: "、".join(str(CATEGORY_WORDS.get(kind, kind)) for kind in kinds) for home, kinds in held.items()}


CATEGORY_WORDS = {
    "ex_poor": gettext_lazy("脱贫户"), "subsistence": gettext_lazy("低保对象"), "destitute": gettext_lazy("特困人员"),
    "disabled": gettext_lazy("残疾人家庭"), "low_income": gettext_lazy("低收入家庭"),
    "unstable": gettext_lazy("脱贫不稳定户"), "marginal": gettext_lazy("边缘易致贫户"),
    "hardship": gettext_lazy("突发严重困难户"),
}  # fmt: skip


def _lead_states(homes: Sequence[int]) -> dict[int, str]:
    """How far each household's latest lead is."""
    leads = Lead.objects.filter(household_id__among=homes).order_by("opened_at", "pk")
    return {home: str(rules.STATES[state]) for home, state in leads.values_list("household_id", "state")}
