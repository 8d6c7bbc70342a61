"""How fast an account sends, and when it is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.county.dispatch.pacing import Breaker, Pace, bulk_of

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
    went = sent(Pace(rate, reserve), steps)
    assert most_within_a_second([at for at, _urgent in went]) <= rate
    assert most_within_a_second([at for at, urgent in went if not urgent]) <= bulk_of(rate, reserve)


@given(rate=st.integers(2, 60), reserve=st.floats(0.1, 0.9))
def test_urgent_ones_find_their_share_free_however_many_ordinary_ones_press(rate, reserve):
    pace = Pace(rate, reserve)
    while not pace.take(5.0):
        pass
    free = 0
    while not pace.take(5.0, urgent=True):
        free += 1
    assert free == rate - bulk_of(rate, reserve)


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
