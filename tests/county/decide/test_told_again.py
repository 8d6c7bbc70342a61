"""A report that comes after the decision: kept, and where it says more, the case is opened again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from tests.county.cases import POOR, WELL, cases, compare, entered, episodes, follow, found, move, visit, walk

from anlan.county import clock
from anlan.county.account.queries import coverage
from anlan.county.account.recount import differences
from anlan.county.clear import actions as clearing
from anlan.county.clear.models import Clearance
from anlan.county.decide import jobs
from anlan.county.decide.actions import Move, StillMonitored, advance, reopen
from anlan.county.decide.dossier import moves
from anlan.county.decide.models import Case, Episode
from anlan.county.discover.actions import Report, report
from anlan.county.discover.models import Lead, Source
from anlan.county.discover.queries import receipt
from anlan.county.discover.rules import DOORS, KINDS, is_news
from anlan.county.errors import NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock, User
from anlan.county.office.queries import machine
from anlan.county.verify.actions import FindingReport
from anlan.county.verify.queries import errands, to_visit
from anlan.engine import policy

ROOF = {"kinds": ["home"], "text": "房顶塌了"}


@pytest.fixture
def refused(storm) -> Case:
    """A household whose crop was hit, and that was not taken in."""
    (case,) = found(storm.event, storm.household(0, 5), finding=WELL)
    clock.advance(timedelta(hours=1))
    move("not_confirmed", case, note="损失不大，收入稳定")
    clock.advance(timedelta(days=3))
    return cases(storm.event, case.household)[0]


def tell(case: Case, key: str, claim: dict, door: str = "self") -> None:
    report(event=case.event, reports=[Report(key, door, case.household_id, clock.now(), claim)], by=machine())


def agrees(case: Case) -> bool:
    """Whether the tables and the ledger tell the same of a case's household."""
    return f"household:{case.household.code}" not in {each.about for each in differences(case.event)}


@pytest.mark.clause("D1", "D6", "L1")
def test_something_new_opens_a_refused_case_again_at_the_head_of_the_visitors_list(refused, people):
    event = refused.event
    tell(refused, "RNEW00000001", ROOF)
    assert Source.objects.filter(key="RNEW00000001", lead__household=refused.household).exists()
    assert jobs.reopen_told() == 1
    fresh = Case.objects.get(pk=refused.pk)
    assert (fresh.state, fresh.closed_at, fresh.lead_at) == ("objection", None, clock.now())
    lead = Lead.objects.get(household=refused.household)
    total = Clock.objects.get(kind="total", about__endswith=refused.household.code)
    days = policy.on(clock.today()).number("clock_total_days")
    assert (total.stopped_at, total.due_at) == (None, clock.now() + timedelta(days=days))
    first = to_visit(people["village_cadre_a"], event).first()
    assert first == lead
    assert errands([first])[0].objected
    step = fresh.steps.last()
    assert (step.before, step.after, step.by.username) == ("not_confirmed", "objection", "anlan")
    assert "新情况" in step.note
    assert Entry.objects.filter(verb="decide.advance", about__endswith=refused.household.code).last().by == "anlan"
    assert jobs.reopen_told() == 0


@pytest.mark.clause("D1", "M2")
def test_the_receipt_of_the_new_report_says_where_the_case_is(refused, client):
    tell(refused, "RNEW00000001", ROOF)
    before = receipt("RNEW00000001")
    assert before.state == "received"
    clock.advance(timedelta(minutes=1))
    reopen(by=machine())
    page = client.get(reverse("discover:receipt", args=["RNEW00000001"])).text
    assert "有异议或新情况，再次入户核实" in page
    assert "示例甲村" in page
    assert refused.household.head_name not in page
    visit(refused.event, refused.household, finding=POOR, by=User.objects.get(username="township_officer_a"))
    compare(refused.event, refused.household)
    clock.advance(timedelta(minutes=1))
    move("review", refused, note="新损失属实")
    walk(refused)
    assert receipt("RNEW00000001").state == "accepted"
    assert coverage(refused.event).disposed == {"entered": 1}
    assert agrees(refused)


@pytest.mark.clause("D1")
def test_the_same_again_opens_nothing_and_its_receipt_promises_nothing(refused, client):
    tell(refused, "RSAME0000001", {"kinds": ["crop"]}, door="cadre")
    assert Source.objects.filter(lead__household=refused.household).count() == 2
    assert reopen(by=machine()) == 0
    assert Case.objects.get(pk=refused.pk).state == "not_confirmed"
    assert receipt("RSAME0000001").state == "received"
    clock.advance(timedelta(days=policy.on(clock.today()).number("clock_intake_days"), minutes=1))
    told = receipt("RSAME0000001")
    assert (told.state, told.due_at, told.step_due_at, told.office) == ("kept", None, None, "")
    page = client.get(reverse("discover:receipt", args=["RSAME0000001"])).text
    assert "已登记在案" in page
    assert "到村里、乡镇反映" in page


def test_what_was_told_before_the_decision_does_not_open_it(storm):
    (case,) = found(storm.event, storm.household(0, 5), finding=WELL)
    clock.advance(timedelta(hours=1))
    tell(case, "RNEW00000001", ROOF)
    clock.advance(timedelta(hours=1))
    move("not_confirmed", case, note="房子看过，没有塌")
    assert reopen(by=machine()) == 0


@pytest.mark.clause("D1", "D3")
@pytest.mark.parametrize(
    ("door", "claim", "opens"),
    [
        (
            "dept",
            {"kinds": ["livestock"], "text": "保险报案", "loss_yuan": 2000},
            False,
        ),  # seen at the door, and weighed
        ("dept", {"kinds": ["livestock"], "text": "保险报案", "loss_yuan": 9000}, True),
        ("dept", {"kinds": ["medical"], "text": "大额医疗支出"}, True),
        ("self", {"kinds": ["livestock"], "text": "后来又死了三头猪"}, True),
    ],
)
def test_what_somebody_saw_at_the_door_already_opens_nothing(storm, door, claim, opens):
    seen = FindingReport(income_per_head_yuan=30000.0, losses_yuan={"livestock": 3000.0, "home": 0.0})
    (case,) = found(storm.event, storm.household(0, 5), finding=seen)
    move("not_confirmed", case, note="损失不大")
    clock.advance(timedelta(days=3))
    tell(case, "dept-x", claim, door=door)
    assert reopen(by=machine()) == int(opens)


def test_a_case_refused_again_after_a_new_visit_says_so(refused):
    tell(refused, "RNEW00000001", ROOF)
    reopen(by=machine())
    clock.advance(timedelta(hours=1))
    visit(refused.event, refused.household, finding=WELL, by=User.objects.get(username="township_officer_a"))
    compare(refused.event, refused.household)
    move("review", refused, note="看过房顶")
    clock.advance(timedelta(hours=1))
    move("not_confirmed", refused, note="房顶完好")
    assert receipt("RNEW00000001").state == "refused"
    assert jobs.reopen_told() == 0
    clock.advance(timedelta(days=1))
    tell(refused, "RNEW00000002", {"kinds": ["water"]})
    assert jobs.reopen_told() == 1


@pytest.mark.clause("D1", "M6")
def test_who_was_cleared_enters_a_new_episode_by_the_same_way(storm, as_):
    home = storm.household(0, 5)
    entered(storm.event, home)
    case = cases(storm.event, home)[0]
    follow(episodes(home), 7, income=20000.0)
    clearing.open_clearances(by=machine(), on=clock.today())
    for state in ("review", "publicity", "town_check", "county_decide", "cleared"):
        fresh = Clearance.objects.get()
        clearing.advance(moves=[clearing.Move(fresh.pk, fresh.version, state)], by=machine())
        clock.advance(timedelta(days=5, hours=1))
    assert Episode.objects.get().cleared_at is not None
    tell(case, "RNEW00000001", ROOF)
    assert reopen(by=machine()) == 1
    clock.advance(timedelta(hours=1))
    visit(storm.event, home, finding=POOR, by=User.objects.get(username="township_officer_a"))
    compare(storm.event, home)
    move("review", case, note="新损失属实")
    walk(case)
    assert [each.cleared_at is None for each in episodes(home)] == [False, True]
    assert agrees(case)
    assert as_("village_cadre_a").get(reverse("clear:episode", args=[storm.event.code, home.code])).status_code == 200


@pytest.mark.clause("M6")
def test_who_is_under_monitoring_is_followed_not_decided_again(storm, as_, people):
    quiet, told = storm.household(0, 4), storm.household(0, 5)
    entered(storm.event, quiet, told)
    case = cases(storm.event, told)[0]
    clock.advance(timedelta(hours=1))
    tell(case, "RNEW00000001", ROOF)
    assert reopen(by=machine()) == 0
    assert moves(cases(storm.event, told)[0], people["county_director"]) == []
    fresh = Case.objects.get(pk=case.pk)
    with pytest.raises(StillMonitored):
        advance(moves=[Move(fresh.pk, fresh.version, "objection", note="x")], by=machine())
    page = as_("village_cadre_a").get(reverse("clear:home")).text
    assert page.count("又有新情况上报</span>") == 1
    follow(episodes(told), 1)
    assert "又有新情况上报</span>" not in as_("village_cadre_a").get(reverse("clear:home")).text


def test_the_county_may_open_a_refused_case_by_hand_and_nobody_else(refused, people, as_):
    assert moves(refused, people["township_officer_a"]) == []
    page = as_("county_director").get(reverse("decide:case", args=[refused.event.code, refused.household.code])).text
    assert 'value="objection"' in page
    assert "按系统建议" not in page
    with pytest.raises(NotAllowed):
        reopen(by=people["township_officer_a"])


def test_the_case_page_shows_what_was_told_since(refused, as_):
    address = reverse("decide:case", args=[refused.event.code, refused.household.code])
    assert "核实以后又报来的情况" not in as_("county_director").get(address).text
    tell(refused, "RNEW00000001", ROOF)
    assert "房顶塌了" in as_("county_director").get(address).text
    reopen(by=machine())
    door = reverse("verify:visit", args=[refused.event.code, refused.household.code])
    assert "房顶塌了" in as_("township_officer_a").get(door).text


CLAIMS = st.fixed_dictionaries(
    {"kinds": st.lists(st.sampled_from(sorted(KINDS)), max_size=3)},
    optional={"loss_yuan": st.integers(0, 9), "text": st.sampled_from(["", "塌了", "塌 了", "进水"])},
)


@given(st.lists(st.tuples(st.sampled_from(sorted(DOORS)), CLAIMS), min_size=1, max_size=4))
def test_nothing_that_was_said_is_news_again(told):
    for door, claim in told:
        assert not is_news(door, claim, told)


@pytest.mark.parametrize(
    ("door", "claim", "new"),
    [
        ("self", {"kinds": ["home"]}, True),
        ("self", {"kinds": ["crop"], "loss_yuan": 900}, True),
        ("self", {"kinds": ["crop"], "loss_yuan": 100}, False),
        ("self", {"kinds": ["crop"], "text": "全 淹了"}, False),
        ("self", {"kinds": ["crop"], "text": "又淹了"}, True),
        ("cadre", {"kinds": ["crop"]}, True),
        ("cadre", {"kinds": []}, False),
        ("dept", {"kinds": ["crop"], "text": "另一个月", "reason": {"sign": "自付"}}, False),
        ("dept", {"kinds": ["crop"], "reason": {"sign": "失业"}}, True),
    ],
)
def test_what_is_news(door, claim, new):
    told = [
        ("self", {"kinds": ["crop"], "loss_yuan": 500, "text": "全淹了"}),
        ("dept", {"kinds": ["crop"], "text": "五月", "reason": {"sign": "自付"}}),
    ]
    assert is_news(door, claim, told) is new
