"""What waits for whom: one line per task, with its permission, its count and the page that does it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.county import clock
from anlan.county.assist.models import Measure
from anlan.county.clear.models import Clearance
from anlan.county.decide.models import Case, Episode
from anlan.county.desk.context import page
from anlan.county.discover.comparison.asking import waiting as asked_lists
from anlan.county.discover.comparison.folder import unread
from anlan.county.discover.comparison.queries import late_lists, queue
from anlan.county.discover.models import Lead, Sweep
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock, User
from anlan.county.registry.mending.queries import to_mend
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.county.sense.queries import feeds, unanswered
from anlan.county.verify.enquiring.queries import enquiries
from anlan.county.verify.field.queries import unexplained
from anlan.county.verify.models import Finding, Submission
from anlan.county.verify.queries import second_visits, to_visit
from anlan.county.warn import models as warn
from anlan.county.warn.queries import remarks


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of work: who may do it, how many are waiting for this person, where it is done."""

    title: Promise
    permission: str
    pages: tuple[str, ...]  # the first that exists and is open to the person is linked
    count: Callable[[User], int]
    mood: str = ""  # how a tile with something waiting looks: "", warn, bad


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task of one person, counted."""

    title: str
    number: int
    url: str
    mood: str


def _units(user: User) -> list[str]:
    """The names under which clocks run for this person."""
    levels = {held.division.level for held in user.current()}
    return [*sorted(levels), *user.departments()]


def _open_events(user: User) -> int:
    return Event.objects.filter(closed_at__isnull=True).count()


def _unanswered(user: User) -> int:
    return unanswered().count()


def _silent_feeds(user: User) -> int:
    return feeds().filter(failed=True).count()


def _warnings(state: str) -> Callable[[User], int]:
    return lambda user: warn.Warning.objects.filter(state=state, event__closed_at__isnull=True).count()


def _unreached(user: User) -> int:
    """Households of open events that neither a message nor a person has reached."""
    return (
        warn.Target.objects.visible_to(user)
        .filter(
            warning__event__closed_at__isnull=True,
            warning__cancelled_at__isnull=True,
            acknowledged_at__isnull=True,
            message__delivered_at__isnull=True,
            call__delivered_at__isnull=True,
        )
        .values("household")
        .distinct()
        .count()
    )


def _remarks(user: User) -> int:
    return remarks(user).count()


def _leads_to_take_in(user: User) -> int:
    return Lead.objects.visible_to(user).filter(closed_at__isnull=True, taken_in_at__isnull=True).count()


def _visits_to_make(user: User) -> int:
    return to_visit(user).filter(taken_in_at__isnull=False).order_by().count()


def _sweeps(user: User) -> int:
    return Sweep.objects.visible_to(user).filter(closed_at__isnull=True).count()


def _late_lists(user: User) -> int:
    return late_lists(user, clock.today())


def _unread_lists(user: User) -> int:
    return len(unread())


def _pairs(user: User) -> int:
    return queue(user).count()


def _second_visits(user: User) -> int:
    return second_visits(user).count()


def _asked(user: User) -> int:
    """What this person's own department was asked and has not answered."""
    return enquiries(user).filter(department__in=user.departments()).count()


def _unexplained(user: User) -> int:
    return unexplained(user).filter(by=user).count()


def _held_reports(user: User) -> int:
    return Submission.objects.visible_to(user).filter(state="held").count()


def _to_match(user: User) -> int:
    return Finding.objects.visible_to(user).filter(matched_at__isnull=True).count()


def _cases(*states: str) -> Callable[[User], int]:
    return lambda user: Case.objects.visible_to(user).filter(state__in=states, closed_at__isnull=True).count()


def _clearances(*states: str) -> Callable[[User], int]:
    return lambda user: Clearance.objects.visible_to(user).filter(state__in=states, closed_at__isnull=True).count()


def _measures(*states: str) -> Callable[[User], int]:
    def count(user: User) -> int:
        found = Measure.objects.visible_to(user).filter(state__in=states)
        own = user.departments()
        return (found.filter(owner__in=own) if own else found).count()

    return count


def _monitored(user: User) -> int:
    return Episode.objects.visible_to(user).filter(cleared_at__isnull=True).count()


def _late(user: User) -> int:
    return Clock.objects.visible_to(user).filter(stopped_at__isnull=True, lower=False, due_at__lt=clock.now()).count()


def _lines(user: User) -> int:
    return Entry.objects.count()


def _households(user: User) -> int:
    return Household.objects.visible_to(user).count()


def _mendings(user: User) -> int:
    return to_mend(user).count()


def _users(user: User) -> int:
    return User.objects.filter(is_active=True).count()


PRESSING = ("bad", "warn", "", "none")  # how a tile looks, and with it where it stands
WITH_THE_VILLAGE = ("review", "publicity", "objection")
IN_THE_VILLAGE = ("visit", "review", "publicity")

TASKS: tuple[Task, ...] = (
    Task(_("进行中的灾害事件"), "sense.open", ("sense:events", "sense:home"), _open_events),
    Task(_("待处理的预警报文"), "sense.open", ("sense:alerts",), _unanswered, "bad"),
    Task(_("取不到的预警来源"), "sense.receive", ("sense:alerts",), _silent_feeds, "bad"),
    Task(_("待批准的预警"), "warn.approve", ("warn:to_approve", "warn:home"), _warnings("draft"), "warn"),
    Task(_("待批准的预警"), "warn.draft", ("warn:home",), _warnings("draft")),
    Task(_("待发布的预警"), "warn.release", ("warn:to_release", "warn:home"), _warnings("approved"), "warn"),
    Task(_("尚未叫应的农户"), "warn.acknowledge", ("warn:unreached", "warn:home"), _unreached, "bad"),
    Task(_("农户来信待处理"), "warn.acknowledge", ("warn:remarks", "warn:home"), _remarks, "bad"),
    Task(_("待受理的线索"), "discover.take_in", ("discover:inbox", "discover:home"), _leads_to_take_in, "warn"),
    Task(_("待入户核实"), "verify.visit", ("verify:list", "verify:home"), _visits_to_make, "warn"),
    Task(_("未完成的逐户排查"), "discover.report", ("discover:sweeps", "discover:home"), _sweeps),
    Task(_("读不了的部门名单文件"), "discover.screen", ("discover:lists",), _unread_lists, "bad"),
    Task(_("因灾待报的名单"), "discover.screen", ("discover:lists",), asked_lists, "warn"),
    Task(_("因灾待报的名单"), "account.report", ("discover:lists",), asked_lists, "warn"),
    Task(_("逾期未报的部门名单"), "discover.screen", ("discover:lists",), _late_lists, "bad"),
    Task(_("逾期未报的部门名单"), "account.report", ("discover:lists",), _late_lists, "bad"),
    Task(_("待核对的名单人员"), "discover.screen", ("discover:pairs",), _pairs, "warn"),
    Task(_("待处理的现场填报"), "verify.settle", ("verify:field_handed_in",), _held_reports, "warn"),
    Task(_("须由另一人再核实"), "verify.visit", ("verify:list", "verify:home"), _second_visits, "warn"),
    Task(_("离户较远的填报待说明"), "verify.visit", ("verify:field_handed_in",), _unexplained, "warn"),
    Task(_("待回复的部门协查"), "verify.match", ("verify:enquiries",), _asked, "warn"),
    Task(_("待信息比对"), "verify.match", ("verify:matching", "verify:home"), _to_match, "warn"),
    Task(_("待评议和公示"), "decide.village", ("decide:queue", "decide:home"), _cases(*WITH_THE_VILLAGE), "warn"),
    Task(_("待乡镇审核"), "decide.town", ("decide:queue", "decide:home"), _cases("town_check"), "warn"),
    Task(_("待县级审批"), "decide.county", ("decide:queue", "decide:home"), _cases("county_decide"), "warn"),
    Task(_("待落实的措施"), "assist.deliver", ("assist:queue", "assist:home"), _measures("planned", "delivering")),
    Task(_("待签收的措施"), "assist.receipt", ("assist:queue", "assist:home"), _measures("delivered")),
    Task(_("待村级核查消除"), "clear.village", ("clear:queue", "clear:home"), _clearances(*IN_THE_VILLAGE)),
    Task(_("待乡镇审核消除"), "clear.town", ("clear:queue", "clear:home"), _clearances("town_check")),
    Task(_("待县级审批消除"), "clear.county", ("clear:queue", "clear:home"), _clearances("county_decide")),
    Task(_("监测中的农户"), "account.read", ("clear:home", "decide:home"), _monitored),
    Task(_("超过时限"), "account.read", ("account:late", "account:home"), _late, "bad"),
    Task(_("台账记录"), "ledger.read", ("account:ledger",), _lines),
    Task(_("待改的数据"), "registry.write", ("registry:mendings",), _mendings, "warn"),
    Task(_("在册农户"), "registry.write", ("registry:home",), _households),
    Task(_("在用账号"), "office.write", ("office:users", "office:home"), _users),
)  # fmt: skip


def waiting(user: User) -> list[Waiting]:
    """This person's tasks with how many wait, each task once: the pressing first, then in the mission's order."""
    found: dict[str, Waiting] = {}
    for task in TASKS:
        title = str(task.title)
        if title in found or not user.may(task.permission):
            continue
        number = task.count(user)
        found[title] = Waiting(title, number, _page(task, user), (task.mood if number else "none"))
    return sorted(found.values(), key=lambda task: PRESSING.index(task.mood))


def _page(task: Task, user: User) -> str:
    urls = (page(user, name) for name in task.pages)
    return next((url for url in urls if url), "")


def pressing(user: User) -> QuerySet[Clock]:
    """The running clocks within this person's divisions, the most pressing first.

    Of their own units' only, but for those who watch over all of them.
    """
    mine = Clock.objects.visible_to(user).filter(stopped_at__isnull=True, lower=False)
    if not user.may("ledger.read"):
        mine = mine.filter(unit__in=_units(user))
    return mine.select_related("division").order_by("due_at", "about")
