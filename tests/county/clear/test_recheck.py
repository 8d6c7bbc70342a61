"""Cleared households drawn by lot and looked at again; a clearance that was wrong is taken back."""

from datetime import date, timedelta

import pytest
from django.db import connections
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from tests.county.cases import UNSAFE, entered, follow

from anlan import cli
from anlan.county import clock
from anlan.county.clear import jobs
from anlan.county.clear.actions import Move, advance, open_clearances
from anlan.county.clear.models import Clearance, Recheck
from anlan.county.clear.queries import day, others
from anlan.county.clear.recheck.actions import DoneBefore, DrawnBefore, Found, OwnWork, draw, look
from anlan.county.clear.rules import drawn
from anlan.county.decide.models import Episode
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock
from anlan.county.office.queries import machine
from anlan.county.registry.models import Category
from anlan.county.sense.models import Event

CHAIN = ("review", "publicity", "town_check", "county_decide", "cleared")


@pytest.fixture
def cleared(storm):
    """Five households of one village cleared, and the month after has begun."""
    which = entered(storm.event, *(storm.household(0, serial) for serial in range(1, 6)))
    follow(which, 7)
    open_clearances(by=machine(), on=clock.today())
    for state in CHAIN:
        if state == "town_check":
            clock.advance(timedelta(days=6))
        advance(moves=[Move(each.pk, each.version, state) for each in Clearance.objects.all()], by=machine())
    found = list(Clearance.objects.select_related("episode__household").order_by("episode__household__code"))
    assert {each.state for each in found} == {"cleared"}
    clock.advance(timedelta(days=32))
    return found


def month_of(clearance: Clearance) -> date:
    return day(clearance.closed_at)


@given(st.sets(st.text("0123456789", min_size=3, max_size=6), max_size=60), st.integers(0, 1000), st.text(max_size=5))
def test_a_draw_is_a_share_rounded_up_and_the_same_again(codes, thousandths, seed):
    share = thousandths / 1000
    chosen = drawn(codes, share, seed)
    assert chosen == drawn(sorted(codes, reverse=True), share, seed)
    assert set(chosen) <= codes
    assert len(chosen) == -(-len(codes) * thousandths // 1000)


def test_other_seeds_draw_others_and_everybody_is_drawn_alike():
    codes = [f"{n:03}" for n in range(200)]
    times = dict.fromkeys(codes, 0)
    for seed in range(300):
        for code in drawn(codes, 0.05, str(seed)):
            times[code] += 1
    assert sum(times.values()) == 3000
    assert 2 <= min(times.values()) <= 15 <= max(times.values()) <= 35


@pytest.mark.clause("M6", "A1", "A2")
def test_a_share_of_the_months_clearances_is_drawn_with_a_seed_that_is_kept(cleared, people):
    made = draw(month=month_of(cleared[0]), by=people["county_director"], seed="x")
    codes = [each.episode.household.code for each in cleared]
    assert [each.clearance.episode.household.code for each in made] == drawn(codes, 0.05, "x")
    assert [each.why for each in made] == ["lot"]
    line = Entry.objects.get(verb="clear.draw")
    assert '"seed"' in line.payload
    assert Clock.objects.get(kind="recheck").due_at == clock.now() + timedelta(days=30)
    with pytest.raises(DrawnBefore):
        draw(month=month_of(cleared[0]), by=people["county_director"])
    with pytest.raises(NotAllowed):
        draw(month=month_of(cleared[0]), by=people["township_officer_a"])
    with pytest.raises(BadInput, match="还没有结束"):
        draw(month=clock.today(), by=people["county_director"])


@pytest.mark.clause("M6", "A2")
def test_whoever_left_too_soon_is_always_drawn(cleared, people):
    soon = cleared[3]
    Episode.objects.filter(pk=soon.episode_id).update(entered_at=soon.closed_at - timedelta(days=20))
    Clearance.objects.filter(pk=soon.pk).update(how="assisted")
    made = draw(month=month_of(soon), by=people["county_director"])
    assert {each.clearance_id: each.why for each in made}[soon.pk] == "early"


@pytest.mark.clause("M6")
def test_a_clearance_that_holds_stays_and_the_clock_stops(cleared, people):
    (made,) = draw(month=month_of(cleared[0]), by=people["county_director"])
    assert look(recheck=made, found=Found(15000.0), by=people["township_officer_a"]) is True
    assert Episode.objects.filter(cleared_at__isnull=True).count() == 0
    assert not Clock.objects.filter(kind="recheck", stopped_at__isnull=True).exists()
    with pytest.raises(DoneBefore):
        look(recheck=made, found=Found(15000.0), by=people["township_officer_a"])


@pytest.mark.clause("M6", "M2")
@pytest.mark.parametrize("found", [Found(3000.0), Found(15000.0, ("water",))])
def test_a_clearance_that_was_wrong_is_taken_back_and_the_household_followed_on(cleared, people, found):
    (made,) = draw(month=month_of(cleared[0]), by=people["county_director"])
    assert look(recheck=made, found=found, by=people["county_director"]) is False
    episode = Episode.objects.get(cleared_at__isnull=True)
    assert episode == made.clearance.episode
    assert Category.objects.filter(household=episode.household, kind=episode.category, until__isnull=True).exists()
    assert Entry.objects.filter(verb="clear.reverse").count() == 1
    assert Clock.objects.filter(kind="check", stopped_at__isnull=True).count() == 1
    follow([episode], 1)
    assert Clock.objects.filter(kind="check", stopped_at__isnull=True).count() == 1


def test_who_had_a_hand_in_it_does_not_look_and_strangers_and_nonsense_are_refused(cleared, people):
    (made,) = draw(month=month_of(cleared[0]), by=people["county_director"])
    with pytest.raises(OwnWork):
        look(recheck=made, found=Found(9.0), by=machine())
    with pytest.raises(NotAllowed):
        look(recheck=made, found=Found(9.0), by=people["township_officer_b"])
    with pytest.raises(BadInput, match="指标"):
        look(recheck=made, found=Found(9.0, ("x",)), by=people["county_director"])
    assert Recheck.objects.get().done_at is None


@pytest.mark.clause("M6")
@pytest.mark.parametrize(("income", "said"), [(20000.0, "复核属实"), (3000.0, "风险仍在，消除已撤销")])
def test_the_households_page_tells_what_the_recheck_found(cleared, people, as_, income, said):
    (made,) = draw(month=month_of(cleared[0]), by=people["county_director"])
    episode = made.clearance.episode
    there = reverse("clear:episode", args=[episode.case.event.code, episode.household.code])
    client = as_("township_officer_a")
    assert "等待复核" in client.get(there).text
    look(recheck=made, found=Found(income), by=people["county_director"])
    page = client.get(there).text
    assert said in page
    assert ("登记本月跟踪" in page) == (income < 4000)


@pytest.mark.clause("M6")
def test_a_relapse_is_an_episode_of_its_own_and_no_clearance_is_taken_back_under_it(storm, cleared, people, as_):
    (made,) = draw(month=month_of(cleared[0]), by=people["county_director"])
    again = Event.objects.create(code="EV20270301-rainstorm-1", title="又一场暴雨", hazard="rainstorm", level=3,
                                 opened_at=clock.now(), issued_at=clock.now(), codes=["360123000000"])  # fmt: skip
    entered(again, made.clearance.episode.household, finding=UNSAFE)
    assert look(recheck=made, found=Found(3000.0), by=people["county_director"]) is False
    assert Episode.objects.filter(household=made.clearance.episode.household).count() == 2
    relapse = Episode.objects.get(cleared_at__isnull=True)
    assert relapse.case.event == again
    assert list(others(relapse)) == [made.clearance.episode]
    there = reverse("clear:episode", args=[again.code, relapse.household.code])
    assert "这一户的其他监测" in as_("county_director").get(there).text
    assert not Entry.objects.filter(verb="clear.reverse").exists()


def test_the_page_lists_who_is_drawn_and_takes_what_was_found(cleared, people, as_):
    (made,) = draw(month=month_of(cleared[0]), by=people["county_director"])
    there, name = reverse("clear:rechecks"), made.clearance.episode.household.head_name
    assert name not in as_("township_officer_b").get(there).text
    assert "登记复核结果" not in as_("village_cadre_a").get(there).text
    client = as_("township_officer_a")
    assert name in client.get(there).text
    url = reverse("clear:recheck", args=[made.pk])
    assert client.post(url, {}).status_code == 422
    assert as_("township_officer_b").post(url, {"income": "1"}).status_code == 404
    client = as_("township_officer_a")
    answer = client.post(url, {"income": "20000"}, follow=True)
    assert "复核属实" in answer.text
    assert "没有等着复核" in answer.text


def test_the_county_draws_on_the_page(cleared, people, as_):
    assert "抽取复核名单" not in as_("township_officer_a").get(reverse("clear:rechecks")).text
    assert as_("township_officer_a").post(reverse("clear:draw"), {"month": "2026-01"}).status_code == 403
    client = as_("county_director")
    assert client.post(reverse("clear:draw"), {"month": "soon"}).status_code == 422
    done = client.post(reverse("clear:draw"), {"month": f"{month_of(cleared[0]):%Y-%m}"}, follow=True)
    assert "抽取了 1 户" in done.text
    assert Recheck.objects.count() == 1


@pytest.mark.clause("M6")
def test_a_month_that_is_over_is_drawn_by_itself_once(cleared):
    assert month_of(cleared[0]).month == (clock.today().replace(day=1) - timedelta(days=1)).month
    assert jobs.draw_last_month() == 1
    assert jobs.draw_last_month() == 0
    assert Entry.objects.filter(verb="clear.draw").count() == 1


def test_a_month_in_which_nobody_was_cleared_is_not_drawn(cleared):
    clock.advance(timedelta(days=200))
    assert jobs.draw_last_month() == 0
    assert not Entry.objects.filter(verb="clear.draw").exists()


def test_the_page_says_when_a_clearance_is_taken_back(cleared, people, as_):
    (made,) = draw(month=month_of(cleared[0]), by=people["county_director"])
    url = reverse("clear:recheck", args=[made.pk])
    assert "继续监测" in as_("county_director").post(url, {"income": "20"}, follow=True).text


def test_the_command_draws_and_refuses_a_month_that_is_none(cleared, monkeypatch, capsys):
    monkeypatch.setattr(connections, "close_all", lambda: None)
    month = f"{month_of(cleared[0]):%Y-%m}"
    assert cli.run(["clear", "recheck", "soon"]) == 2
    assert cli.run(["clear", "recheck", month]) == 0
    assert "lot" in capsys.readouterr().out
