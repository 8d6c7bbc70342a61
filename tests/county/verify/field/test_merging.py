"""Three versions of a finding: whoever changed a field has it, and where both did what stood stands."""

from hypothesis import given
from hypothesis import strategies as st

from anlan.county.verify.actions import FindingReport
from anlan.county.verify.causes import CAUSES, DAMAGES
from anlan.county.verify.field.merging import FIELDS, LOSS, flat, merge, nested
from anlan.county.verify.rules import AXES, GRADES, LOSSES

yuan = st.integers(0, 3).map(float)


def values():
    fields = {field: st.booleans() if field in AXES else yuan for field in FIELDS}
    fields |= {"home_grade": st.sampled_from(GRADES), "home_damage": st.sampled_from(list(DAMAGES))}
    return st.fixed_dictionaries(fields)


@given(values(), values(), values())
def test_every_field_comes_from_whoever_changed_it(base, now, sent):
    merged = merge(base, now, sent)
    differing = {each.field for each in merged.conflicts}
    for field in FIELDS:
        mine, theirs = sent[field] != base[field], now[field] != base[field]
        assert merged.values[field] == (sent[field] if mine and not theirs else now[field])
        assert (field in differing) == (mine and theirs and sent[field] != now[field])


@given(values(), values())
def test_a_phone_that_changed_nothing_changes_nothing(base, now):
    assert merge(base, now, base).values == now
    assert merge(base, now, base).conflicts == ()


@given(values(), values())
def test_the_same_record_twice_is_no_conflict(base, sent):
    once = merge(base, base, sent).values
    assert merge(base, once, sent) == merge(base, base, sent)


@given(values(), values())
def test_a_field_the_phone_did_not_know_is_changed_by_both(now, sent):
    merged = merge({}, now, sent)
    assert merged.values == now
    assert {each.field for each in merged.conflicts} == {field for field in FIELDS if now[field] != sent[field]}
    assert all(each.base == "" for each in merged.conflicts)


@given(values())
def test_flat_and_nested_are_two_ways_to_say_one_finding(said):
    report = FindingReport(**nested(said))
    assert flat(report) == said
    assert all(report.losses_yuan.values())


def test_every_field_but_the_income_is_asked_under_one_cause():
    asked = [field for fields in CAUSES.values() for field in fields]
    assert sorted([*asked, "income_per_head_yuan"]) == sorted(FIELDS)


def test_the_fields_are_all_of_a_finding():
    assert set(nested(dict.fromkeys(FIELDS, 1.0))) == set(FindingReport.__dataclass_fields__)
    assert {field for field in FIELDS if field.startswith(LOSS)} == {LOSS + kind for kind in LOSSES}
