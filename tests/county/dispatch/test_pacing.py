"""How fast an account sends, and when it is left alone."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.county.dispatch.pacing import ALWAYS, PART, URGENT_S, Breaker, Pace, Promptness, bulk_of

STEPS = st.lists(st.tuples(st.floats(0, 0.7), st.booleans()), max_size=300)


def sent(pace, steps):
    """When each segment went that was let through, and whether it was urgent."""
    now, went = 1000.0, []
    for pause, urgent in steps:
        now += pause
        if not pace.take(now, urgent=urgent):
            went.append((now, urgent))
    return went


def most_within_a_second(times):
    return max((sum(0 <= other - start < 1.0 for other in times) for start in times), default=0)


@given(rate=st.integers(1, 40), reserve=st.floats(0, 0.9), steps=STEPS)
def test_no_second_ever_holds_more_than_the_rate_or_more_ordinary_ones_than_their_share(rate, reserve, steps):
    pace = Pace(rate, reserve)
    pace.take(999.0, urgent=True)  # urgent ones are about, and stay so
    steps = [(pause, urgent or number % 10 == 0) for number, (pause, urgent) in enumerate(steps)]
    went = sent(pace, steps)
    assert most_within_a_second([at for at, _urgent in went]) <= rate
    assert most_within_a_second([at for at, urgent in went if not urgent]) <= bulk_of(rate, reserve)


@given(rate=st.integers(1, 40), reserve=st.floats(0, 0.9), steps=STEPS)
def test_while_none_is_urgent_only_the_small_share_is_kept(rate, reserve, steps):
    went = sent(Pace(rate, reserve), [(pause, False) for pause, _urgent in steps])
    assert most_within_a_second([at for at, _urgent in went]) <= rate - int(rate * min(reserve, ALWAYS))


@given(rate=st.integers(1, 200), pauses=st.lists(st.floats(0, 0.05), max_size=200))
def test_no_tenth_of_a_second_holds_more_than_its_part(rate, pauses):
    """What is late on its way by that much meets no more than that of the next second's."""
    times = [at for at, _urgent in sent(Pace(rate), [(pause, False) for pause in pauses])]
    most = max((sum(0 <= other - start < 0.1 for other in times) for start in times), default=0)
    assert most <= ceil(rate * PART)


@pytest.mark.parametrize("rate", [10, 30, 100, 300, 1000])
def test_a_queue_of_ordinary_ones_takes_no_twentieth_longer_than_the_rate_says(rate):
    pace, now, left = Pace(rate), 0.0, 20 * rate
    while left:
        wait = pace.take(now)
        left -= not wait
        now += wait
    assert now <= 1.05 * 20


def test_the_large_share_is_kept_while_urgent_ones_are_about_and_no_longer():
    pace = Pace(100, 0.3)
    assert pace.ordinary(100, 0.0) == 96
    pace.take(10.0, urgent=True)
    assert (pace.ordinary(100, 10.0 + URGENT_S - 1), pace.ordinary(100, 10.0 + URGENT_S)) == (70, 96)
    assert Pace(100, 0.01).ordinary(100, 0.0) == 99
    assert (pace.recent(10.5), pace.recent(11.0)) == (1, 0)


@given(rate=st.integers(2, 60), reserve=st.floats(0.1, 0.9))
def test_urgent_ones_find_their_share_free_however_many_ordinary_ones_press(rate, reserve):
    pace = Pace(rate, reserve)
    pace.take(3.0, urgent=True)
    while not pace.take(5.0):
        pass
    free = 0
    while not pace.take(5.0, urgent=True):
        free += 1
    assert free >= rate - bulk_of(rate, reserve)


@given(rate=st.integers(1, 200), urgent=st.booleans())
def test_whoever_waits_as_told_may_go(rate, urgent):
    pace, now, went = Pace(rate), 7.0, 0
    for _ask in range(3 * rate):
        wait = pace.take(now, urgent=urgent)
        went += not wait
        if wait:
            assert 0 < wait <= 1.0
            now += wait + 1e-9
            went += not pace.take(now, urgent=urgent)
    assert went >= 2


def test_the_whole_rate_is_used():
    pace, now, went = Pace(300, 0.0), 0.0, 0
    while now < 10.0:
        wait = pace.take(now)
        went += not wait
        now += wait
    assert went == 3000


def test_without_a_rate_nothing_waits():
    pace = Pace(0)
    assert [pace.take(1.0) for _each in range(1000)] == [0.0] * 1000
    pace.throttled(1.0)
    assert pace.take(1.0) == 0.0


def test_throttled_it_halves_once_a_second_and_finds_back():
    pace = Pace(100)
    pace.throttled(10.0)
    pace.throttled(10.5)
    assert pace.allowed == 50
    pace.throttled(11.0)
    assert pace.allowed == 25
    now = 11.0
    while pace.allowed < 100:
        now += 1.0
        before = pace.allowed
        pace.take(now)
        assert pace.allowed == min(100, before + 5)
    assert now == 26.0


def test_however_often_throttled_something_still_goes():
    pace = Pace(3)
    for second in range(20):
        pace.throttled(float(second))
    assert pace.allowed == 1
    assert pace.take(19.5) == 0.0
    assert pace.take(19.6) > 0.0


@pytest.mark.parametrize(("rate", "reserve"), [(-1, 0.3), (10, 1.0), (10, -0.1)])
def test_nonsense_is_refused(rate, reserve):
    with pytest.raises(ValueError, match="share"):
        Pace(rate, reserve)


def test_an_account_rests_after_failures_in_a_row_longer_each_time_and_not_for_ever():
    breaker, now, rests = Breaker(after=3, rest_s=10, longest_s=100), 0.0, []
    for _failure in range(8):
        assert breaker.closed(now)
        breaker.failed(now)
        rests.append(max(0.0, breaker.until - now))
        assert breaker.closed(now) == (rests[-1] == 0)
        now = max(now, breaker.until)
    assert rests == [0, 0, 10, 20, 40, 80, 100, 100]


def test_one_success_forgets_the_failures():
    breaker = Breaker(after=2)
    breaker.failed(0.0)
    breaker.worked()
    breaker.failed(0.0)
    assert breaker.closed(0.0)


def test_a_breaker_is_half_open_after_its_rest_until_one_try_has_said_how_it_is():
    breaker = Breaker(after=1, rest_s=10)
    assert not breaker.half_open(0.0)
    breaker.failed(0.0)
    assert not breaker.half_open(5.0)
    assert breaker.half_open(10.0)
    breaker.failed(10.0)
    assert not breaker.half_open(20.0)
    breaker.worked()
    assert not breaker.half_open(99.0)


def names(*numbers):
    return [f"r{number}" for number in numbers]


def test_receipts_in_time_are_prompt_and_too_few_say_nothing():
    prompt = Promptness(60.0, 0.5, 4)
    assert (prompt.verdict(0.0), prompt.wanting()) == (None, 4)
    prompt.taken(names(1, 2, 3), 0.0)
    assert prompt.wanting() == 1
    prompt.told(names(1, 2, 3), 30.0)
    assert prompt.verdict(30.0) is None
    prompt.taken(names(4), 30.0)
    prompt.told(names(4), 90.0)
    assert (prompt.verdict(90.0), prompt.wanting()) == (True, 0)


def test_receipts_that_do_not_come_are_late_when_they_are_due_and_not_before():
    prompt = Promptness(60.0, 0.5, 4)
    prompt.taken(names(1, 2, 3, 4), 0.0)
    prompt.told(names(1), 1.0)
    assert prompt.verdict(60.0) is None
    assert prompt.verdict(60.1) is False
    prompt.forget()
    assert prompt.verdict(1000.0) is None


def test_half_may_be_late_and_one_more_may_not():
    for late, expected in ((2, True), (3, False)):
        prompt = Promptness(60.0, 0.5, 4)
        prompt.taken(names(*range(4)), 0.0)
        prompt.told(names(*range(late, 4)), 1.0)
        assert prompt.verdict(61.0) is expected


def test_only_the_last_ones_count():
    prompt = Promptness(60.0, 0.5, 4)
    prompt.taken(names(*range(10)), 0.0)
    assert prompt.verdict(61.0) is False
    prompt.taken(names(*range(10, 14)), 61.0)
    prompt.told(names(*range(10, 14)), 62.0)
    assert prompt.verdict(62.0) is True


def test_a_receipt_that_comes_before_we_hear_that_it_was_taken_is_in_time():
    prompt = Promptness(60.0, 0.0, 2)
    prompt.told(names(1, 2), 0.0)
    prompt.taken(names(1, 2), 0.5)
    assert prompt.verdict(0.5) is True


def test_a_carrier_that_never_reports_is_watched_in_bounded_room():
    prompt = Promptness(60.0, 0.5, 4)
    for turn in range(50):
        prompt.taken(names(*range(turn * 1000, turn * 1000 + 1000)), 0.0)
        prompt.told([f"x{turn}.{number}" for number in range(1000)], 0.0)
    assert len(prompt._out) <= 1000
    assert len(prompt._early) <= 10_000


@pytest.mark.parametrize("rule", [(0.0, 0.5, 4), (60.0, 1.0, 4), (60.0, 0.5, 0)])
def test_a_rule_that_says_nothing_is_refused(rule):
    with pytest.raises(ValueError, match="share"):
        Promptness(*rule)
