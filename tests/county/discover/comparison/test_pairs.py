"""A clerk decides who a row is; what was decided is where the next list starts from."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from tests.county.storm import id_number

from anlan.county import clock
from anlan.county.discover.comparison import queries
from anlan.county.discover.comparison.actions import compare, decide
from anlan.county.discover.comparison.sources import source
from anlan.county.discover.models import Batch, Lead, Link, ListRow, Pair, Review, Source
from anlan.county.errors import BadInput, NotAllowed, Refused
from anlan.county.ledger.models import Entry

OTHER = "赵丁山"  # whoever this is, the number is 示例户05's: a person must look


def july():
    return clock.held(datetime(2026, 7, 10, 9, tzinfo=ZoneInfo("Asia/Shanghai")))


@pytest.fixture
def clerk(people):
    return people["department_clerk"]


@pytest.fixture
def handed(storm, clerk, medical):
    """Hand in a list in which the number is one household's and the name another's."""

    def compared(yuan=30000, name="list.csv", more=()):
        path = medical(more=[(OTHER, id_number(0, 5), yuan), *more], name=name)
        return compare(source=source("medical_insurance"), path=path, by=clerk)

    return compared


@pytest.fixture
def review(handed):
    """The one pair that waits."""
    outcome = handed()
    assert (outcome.counts["linked"], outcome.counts["review"], outcome.counts["leads"]) == (0, 1, 0)
    return Review.objects.get()


def test_a_pair_that_waits_has_its_rule_probability_and_reasons(review, storm, clerk):
    assert (review.household, review.decision) == (storm.household(0, 5), "")
    assert 0 < review.probability < 0.98
    assert "id_same" in review.reasons
    assert "name_differs" in review.reasons
    assert list(queries.queue(clerk)) == [review]
    assert not Lead.objects.exists()


@pytest.mark.clause("D3", "M1")
def test_the_same_person_is_linked_at_once_and_reported(review, storm, clerk):
    decide(review=review, decision="same", by=clerk)
    link = Link.objects.get()
    assert (link.household, link.rule, link.reported) == (storm.household(0, 5), "crosswalk", True)
    lead = Lead.objects.get()
    assert lead.household == storm.household(0, 5)
    assert "经人核对" in Source.objects.get().claim["text"]
    assert ListRow.objects.get().fate == "linked"
    counts = Batch.objects.get().counts
    assert (counts["linked"], counts["review"], counts["leads"]) == (1, 0, 1)
    assert not queries.queue(clerk).exists()


@pytest.mark.clause("M1")
def test_next_month_starts_from_what_was_confirmed(review, handed, clerk):
    decide(review=review, decision="same", by=clerk)
    with july():
        outcome = handed(31000, "july.csv")
    assert (outcome.counts["by_rule"], outcome.counts["review"]) == ({"crosswalk": 1}, 0)


def test_who_is_not_the_same_is_never_asked_again(review, handed, clerk):
    decide(review=review, decision="different", by=clerk)
    assert not Lead.objects.exists()
    with july():
        outcome = handed(31000, "july.csv")
    assert (outcome.counts["linked"], outcome.counts["review"], outcome.counts["not_found"]) == (0, 0, 1)


def test_a_row_whose_last_proposal_is_refused_is_nobody(storm, clerk, review):
    other = storm.household(0, 4)
    head = other.people.get(relation="head")
    second = Review.objects.create(batch=review.batch, number=review.number, key=review.key, household=other,
                                   person=head, rule="id_other", probability=0.1)  # fmt: skip
    decide(review=review, decision="different", by=clerk)
    assert ListRow.objects.get().fate == "review"
    decide(review=second, decision="different", by=clerk)
    assert ListRow.objects.get().fate == "not_found"
    counts = Batch.objects.get().counts
    assert (counts["review"], counts["not_found"]) == (0, 1)


def test_the_unsure_stay_in_the_queue_and_can_be_decided_later(review, clerk):
    decide(review=review, decision="unsure", by=clerk)
    assert not Pair.objects.exists()
    (still,) = queries.queue(clerk)
    decide(review=still, decision="same", by=clerk)
    assert Pair.objects.get().same


def test_the_next_list_asks_an_open_question_anew_and_not_twice(review, handed, clerk):
    with july():
        handed(31000, "july.csv")
    (asked,) = queries.queue(clerk)
    assert asked.batch != review.batch


def test_a_later_word_on_a_key_replaces_the_earlier(review, storm, clerk, handed):
    other = storm.household(0, 4).people.get(relation="head")
    Pair.objects.create(source="medical_insurance", key=review.key, household=storm.household(0, 4), person=other,
                        same=True, at=clock.now(), by=clerk)  # fmt: skip
    decide(review=review, decision="same", by=clerk)
    assert Pair.objects.get().person == review.person


def test_a_confirmed_person_who_has_left_the_register_is_looked_for_again(review, handed, clerk):
    decide(review=review, decision="same", by=clerk)
    Pair.objects.update(person=None)
    with july():
        assert handed(31000, "july.csv").counts["review"] == 1


def test_refusals_change_nothing(review, clerk, people):
    before = Entry.objects.count()
    with pytest.raises(BadInput):
        decide(review=review, decision="perhaps", by=clerk)
    with pytest.raises(NotAllowed):
        decide(review=review, decision="same", by=people["township_officer_a"])
    assert Entry.objects.count() == before
    decide(review=review, decision="different", by=clerk)
    with pytest.raises(Refused, match="已有结论"):
        decide(review=review, decision="same", by=clerk)
    assert not Link.objects.exists()


def test_a_pair_whose_list_is_gone_cannot_be_decided(review, clerk):
    ListRow.objects.all().delete()
    with pytest.raises(Refused, match="已经删除"):
        decide(review=review, decision="same", by=clerk)
    review.refresh_from_db()
    assert review.decision == ""


@pytest.mark.clause("A2")
def test_a_decision_is_a_ledger_line_without_a_name(review, clerk):
    decide(review=review, decision="same", by=clerk)
    line = Entry.objects.get(verb="discover.decide_pair")
    assert '"decision":"same"' in line.payload
    told = " ".join(entry.payload + entry.about for entry in Entry.objects.all())
    assert OTHER not in told
    assert id_number(0, 5) not in told


def test_a_confirmed_pair_below_the_threshold_is_a_link_and_no_lead(handed, clerk):
    handed(100)
    decide(review=Review.objects.get(), decision="same", by=clerk)
    assert not Link.objects.get().reported
    assert not Lead.objects.exists()
    assert Batch.objects.get().counts["below_threshold"] == 1


def test_a_list_of_a_disaster_is_decided_for_the_disaster(storm, clerk, listed):
    path = listed(("姓名", "身份证号", "房屋受损"), (OTHER, id_number(0, 5), "倒塌"))
    compare(source=source("emergency"), path=path, by=clerk, event=storm.event)
    decide(review=Review.objects.get(), decision="same", by=clerk)
    assert Lead.objects.get().event == storm.event


def test_the_queue_is_a_departments_own(review, people, county):
    from datetime import date

    from anlan.county.office.actions import appoint

    other = appoint(username="h", name="h", role="department_clerk", division="360123000000", department="housing",
                    since=date(2026, 1, 1))  # fmt: skip
    own = appoint(username="m", name="m", role="department_clerk", division="360123000000",
                  department="medical_insurance", since=date(2026, 1, 1))  # fmt: skip
    assert not queries.queue(other).exists()
    assert queries.queue(own).exists()
    assert not queries.queue(people["township_officer_b"]).exists()
    with pytest.raises(NotAllowed):
        decide(review=review, decision="same", by=other)
