"""One household's story as one time line, from what every room has on it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.county.assist.models import Measure
from anlan.county.decide.models import Case
from anlan.county.desk.queries import Story
from anlan.county.desk.words import word
from anlan.county.discover.models import Lead
from anlan.county.mission import NAMES
from anlan.county.registry.models import Category
from anlan.county.warn.models import Target


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to a household: when, in which room, in words, with who did it."""

    at: datetime
    room: str
    text: str
    detail: str = ""
    by: str = ""
    whole_day: bool = False


def timeline(told: Story) -> list[Moment]:
    """Everything that happened, the latest first."""
    moments = [moment for teller in TELLERS for moment in teller(told)]
    return sorted(moments, key=lambda moment: (moment.at, NAMES.index(moment.room)))[::-1]


def _midnight(day: object) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))  # type: ignore[arg-type]


def _listed(family: str, codes: Iterable[str]) -> str:
    return _("、").join(word(family, code) for code in codes)


def _categories(told: Story) -> Iterator[Moment]:
    for category in told.categories:
        yield from _category(category)


def _category(category: Category) -> Iterator[Moment]:
    name, source = word("category", category.kind), "" if category.source in NAMES else category.source
    yield Moment(_midnight(category.since), "registry", _("列为%(name)s") % {"name": name}, source, "", True)
    if category.until:
        yield Moment(_midnight(category.until), "registry", _("不再是%(name)s") % {"name": name}, whole_day=True)


def _impacts(told: Story) -> Iterator[Moment]:
    for impact in told.impacts:
        words = {"event": impact.run.event.title, "rank": impact.rank}
        yield Moment(impact.run.made_at, "foresee", _("研判可能受“%(event)s”影响，排在第 %(rank)d 位") % words)


def _warnings(told: Story) -> Iterator[Moment]:
    for target in told.targets:
        yield from _target(target)


def _target(target: Target) -> Iterator[Moment]:
    message = target.message
    if target.warning.released_at:
        channel = _("短信") if message else _("没有电话，由村里叫应")
        yield Moment(target.warning.released_at, "warn", _("预警发布"), channel)
    if message and message.delivered_at:
        yield Moment(message.delivered_at, "warn", _("预警短信送达"))
    if message and message.failed_at:
        yield Moment(message.failed_at, "warn", _("预警短信没有送到"), message.failure)
    if target.acknowledged_at:
        how = _("干部叫应") if target.acknowledged_how == "cadre" else _("农户回复")
        yield Moment(target.acknowledged_at, "warn", _("预警已叫应"), how, target.acknowledged_by)


def _remarks(told: Story) -> Iterator[Moment]:
    for remark in told.remarks:
        yield Moment(remark.said_at, "warn", _("农户来信"), remark.text)
        if remark.read_at:
            yield Moment(remark.read_at, "warn", _("农户来信已处理"), by=remark.read_by)


def _deeds(told: Story) -> Iterator[Moment]:
    for deed in told.deeds:
        yield Moment(deed.at, "registry", word("deed", f"registry.{deed.kind}"), by=deed.by.name)
        if deed.undone_at and deed.undone_by:
            yield Moment(deed.undone_at, "registry", word("deed", f"registry.un{deed.kind}"), by=deed.undone_by.name)


def _inspections(told: Story) -> Iterator[Moment]:
    for each in told.inspections:
        yield Moment(each.at, "discover", word("inspection", each.kind), each.found, each.office)
        if each.done_at and each.done_by:
            yield Moment(each.done_at, "discover", _("隐患已整改"), each.measure, each.done_by.name)


def _consents(told: Story) -> Iterator[Moment]:
    for each in told.consents:
        signer = _("%(name)s（%(relation)s）") % {"name": each.signer, "relation": word("signer", each.relation)}
        yield Moment(each.recorded_at, "verify", _("签署承诺授权查询书"), signer, each.by.name)
        if each.revoked_on:
            yield Moment(_midnight(each.revoked_on), "verify", _("撤回授权"), signer, whole_day=True)


def _rechecks(told: Story) -> Iterator[Moment]:
    for each in told.rechecks:
        yield Moment(each.drawn_at, "clear", _("抽中消除后复核"))
        if each.done_at and each.by:
            verdict = _("风险确已消除") if each.holds else _("风险没有消除")
            yield Moment(each.done_at, "clear", _("消除后复核"), verdict, each.by.name)


def _leads(told: Story) -> Iterator[Moment]:
    for lead in told.leads:
        yield from _lead(lead)
    for release in told.releases:
        reason = word("release", release.reason)
        yield Moment(release.at, "discover", _("从排查名单移出"), reason, release.by.name)


def _lead(lead: Lead) -> Iterator[Moment]:
    for source in lead.sources.all():
        kinds = _listed("harm", source.claim.get("kinds", ()))
        yield Moment(source.at, "discover", word("door", source.door), kinds)
    if lead.taken_in_at:
        yield Moment(lead.taken_in_at, "discover", _("线索受理"), by=lead.taken_in_by.name if lead.taken_in_by else "")
    if lead.closed_at:
        yield Moment(lead.closed_at, "discover", _("线索办结"), word("outcome", lead.outcome))


def _visits(told: Story) -> Iterator[Moment]:
    for visit in told.visits:
        words = _("入户核实：%(outcome)s") % {"outcome": word("visit", visit.outcome)}
        yield Moment(visit.at, "verify", words, visit.note, visit.by.name)
        finding = getattr(visit, "finding", None)
        if finding and finding.matched_at:
            yield Moment(finding.matched_at, "verify", _("信息比对完成"))


def _cases(told: Story) -> Iterator[Moment]:
    for case in told.cases:
        yield from _case(case)


def _case(case: Case) -> Iterator[Moment]:
    yield Moment(case.opened_at, "decide", _("进入认定程序"))
    for step in case.steps.all():
        yield Moment(step.at, "decide", word("move", step.after), step.note, step.by.name)


def _measures(told: Story) -> Iterator[Moment]:
    for measure in told.measures:
        yield from _measure(measure)


def _measure(measure: Measure) -> Iterator[Moment]:
    name = word("kind", measure.kind)
    yield Moment(measure.planned_at, "assist", _("安排%(name)s") % {"name": name}, measure.owner.name)
    if measure.delivered_at:
        yield Moment(measure.delivered_at, "assist", _("落实%(name)s") % {"name": name}, measure.owner.name)
    if measure.receipted_at:
        yield Moment(measure.receipted_at, "assist", _("签收%(name)s") % {"name": name}, measure.receipt)


def _checks(told: Story) -> Iterator[Moment]:
    for check in told.checks:
        broken = _listed("axis", check.broken)
        detail = _("仍有问题：%(axes)s") % {"axes": broken} if broken else _("各项稳定")
        yield Moment(check.at, "clear", _("月度跟踪"), detail, check.by.name)


def _clearances(told: Story) -> Iterator[Moment]:
    for clearance in told.clearances:
        yield Moment(clearance.opened_at, "clear", _("开始风险消除核查"))
        for step in clearance.steps.all():
            yield Moment(step.at, "clear", word("clear_move", step.after), step.note, step.by.name)


TELLERS = (
    _categories, _deeds, _impacts, _warnings, _remarks, _inspections, _leads, _visits, _consents, _cases, _measures,
    _checks, _clearances, _rechecks,
)  # fmt: skip
