"""What households write that is no answer is read by somebody who can call them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anlan.county import clock
from anlan.county.desk.waiting import waiting
from anlan.county.dispatch.channels.wire import Reply
from anlan.county.dispatch.replies import keep
from anlan.county.errors import NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.warn import answers
from anlan.county.warn.models import Remark

pytestmark = pytest.mark.clause("W4")
PAGE = "warn:remarks"


@pytest.fixture
def help_(storm):
    """Two households of different townships call for help, and one says that it knows."""
    first, second, third = (storm.household(*where) for where in ((0, 2), (2, 3), (0, 4)))
    for number, household in enumerate((first, second, third)):
        household.phone = f"1390000000{number}"
        household.save()
    keep(replies=[Reply("13900000000", "水进屋了", "mobile", "1"), Reply("13900000002", "收到", "mobile", "2")])
    answers.take_up()
    clock.advance(timedelta(minutes=1))
    keep(replies=[Reply("13900000001", "老人走不动", "mobile", "3"), Reply("13900000001", " ", "mobile", "4")])
    answers.take_up()
    return first, second


def test_whoever_calls_the_households_there_sees_what_they_wrote(help_, as_):
    first, second = help_
    shown = as_("village_cadre_a").get(reverse(PAGE)).content.decode()
    assert "水进屋了" in shown
    assert f'href="tel:{first.phone}"' in shown
    assert "老人走不动" not in shown
    shown = as_("duty_officer").get(reverse(PAGE)).content.decode()
    assert shown.index("水进屋了") < shown.index("老人走不动")
    assert "收到" not in shown
    assert as_("administrator").get(reverse(PAGE)).status_code == 403
    assert second.phone in shown


def test_whoever_only_reads_sees_no_telephone(help_, as_):
    shown = as_("auditor").get(reverse(PAGE)).content.decode()
    assert "水进屋了" in shown
    assert help_[0].phone not in shown
    assert 'type="checkbox"' not in shown


def test_it_stands_among_the_tasks_of_their_desk_until_it_is_seen_to(help_, as_, people):
    def number(username):
        return next(each.number for each in waiting(people[username]) if each.title == "农户来信待处理")

    assert (number("duty_officer"), number("village_cadre_a")) == (2, 1)
    browser = as_("village_cadre_a")
    every = list(Remark.objects.values_list("id", flat=True))
    assert "已登记 1 条" in browser.post(reverse("warn:heed"), {"remarks": every}, follow=True).content.decode()
    assert "没有登记任何一条" in browser.post(reverse("warn:heed"), {}, follow=True).content.decode()
    assert (number("duty_officer"), number("village_cadre_a")) == (1, 0)
    read = Remark.objects.get(text="水进屋了")
    assert (read.read_by, read.read_at) == ("village_cadre_a", clock.now())
    (line,) = Entry.objects.filter(verb="warn.heed")
    assert (line.about, line.by, line.payload) == (f"household:{help_[0].code}", "village_cadre_a", "{}")


def test_nobody_sees_to_what_is_not_theirs_and_nothing_twice(help_, people):
    every = list(Remark.objects.values_list("id", flat=True))
    with pytest.raises(NotAllowed):
        answers.heed(remarks=every, by=people["village_cadre_a"])
    assert not Remark.objects.filter(read_at__isnull=False).exists()
    assert answers.heed(remarks=every, by=people["duty_officer"]) == 2
    assert answers.heed(remarks=every, by=people["duty_officer"]) == 0
    assert answers.heed(remarks=[], by=people["duty_officer"]) == 0


def test_of_a_number_that_several_gave_a_person_reads_what_the_program_leaves(storm):
    first, second = storm.household(0, 2), storm.household(0, 3)
    for household in (first, second):
        household.phone = "13900000009"
        household.save()
    keep(replies=[Reply("13900000009", "救命", "mobile", "1"), Reply("13900000009", "1", "mobile", "2")])
    answers.take_up()
    (remark,) = Remark.objects.all()
    assert (remark.household, remark.text, remark.said_at) == (first, "救命", clock.now())


def test_a_text_in_pieces_is_one_remark_and_a_key_none(storm):
    household = storm.household(0, 2)
    household.phone = "13900000009"
    household.save()
    keep(replies=[Reply("13900000009", text, "mobile", text, "7", place, 2) for place, text in enumerate("救命", 1)])
    keep(replies=[Reply("", "9", "calls", "k", message=1, seconds=3)])
    answers.take_up()
    assert [each.text for each in Remark.objects.all()] == ["救命"]


def test_the_page_asks_as_often_for_many_as_for_few(help_, as_):
    browser = as_("duty_officer")
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(reverse(PAGE))
    household = help_[0]
    for number in range(20):
        Remark.objects.create(household=household, text=f"第{number}条", said_at=clock.now(), read_by="")
    with CaptureQueriesContext(connection) as many:
        assert "第19条" in browser.get(reverse(PAGE)).content.decode()
    assert len(many) == len(few)
