"""The values themselves, against the sheet of facts they were taken from."""

from datetime import date

import pytest

from anlan.engine import policy
from anlan.engine.policy.choosing import entries

DAY = date(2026, 6, 18)


@pytest.mark.parametrize(
    ("key", "value", "trust"),
    [
        ("clock_total_days", 15, "seen"),
        ("clock_publicity_min_days", 5, "seen"),
        ("clock_intake_days", 2, "general"),
        ("clock_visit_days", 3, "general"),
        ("clock_match_days", 5, "general"),
        ("clock_measures_days", 10, "general"),
        ("clear_min_months", 6, "seen"),
        ("development_measure_months", 6, "seen"),
        ("first_report_hours", 2, "seen"),
        ("loan_max_yuan", 100_000, "seen"),
        ("relief_death_yuan", 10_000, "seen"),
        ("relief_emergency_yuan", 300, "seen"),
        ("relief_transition_yuan_per_day", 20, "seen"),
        ("relief_transition_days_max", 90, "seen"),
        ("relief_drought_yuan", 60, "seen"),
        ("relief_winter_yuan", 130, "seen"),
        ("leads_medical_ratio_key", 0.5, "seen"),
        ("leads_medical_ratio_general", 1.0, "seen"),
        ("clock_review_days", 3, "design"),
        ("clock_town_days", 2, "design"),
        ("clock_county_days", 2, "design"),
        ("clock_notice_days", 1, "design"),
        ("clock_sweep_days", 10, "design"),
        ("clock_check_days", 31, "design"),
        ("leads_crop_loss_ratio", 0.30, "design"),
        ("recovery_productivity", 0.33, "general"),
        ("recovery_discount", 0.06, "general"),
        ("recovery_elasticity", 1.5, "general"),
        ("recovery_cost_ratio", 1.0, "design"),
        ("recovery_rate_max", 10.0, "design"),
        ("debt_rigid_ratio", 0.0, "design"),
    ],
)
@pytest.mark.clause("D6")
def test_a_value_is_the_facts_sheets_and_as_trusted_as_there(key: str, value: float, trust: str) -> None:
    found = policy.on(DAY).parameter(key)
    assert (found.value, found.trust, found.verified) == (value, trust, trust == "seen")


@pytest.mark.clause("P2")
def test_the_line_of_2024_goes_on_as_stale_and_none_is_made_up_for_2026() -> None:
    then, now = (policy.on(date(year, 6, 18)).parameter("monitoring_line_yuan") for year in (2024, 2026))
    assert (then.value, then.verified, then.stale) == (8500, True, False)
    assert (now.value, now.verified, now.stale) == (8500, False, True)
    assert now.since == date(2024, 1, 1)


@pytest.mark.clause("M4")
def test_the_two_loan_products_follow_each_other_in_march_2026() -> None:
    before, after = policy.on(date(2026, 2, 28)), policy.on(date(2026, 3, 1))
    assert (before.text("loan_product"), before.number("loan_base_yuan")) == ("脱贫人口小额信贷", 50_000)
    assert (after.text("loan_product"), after.number("loan_base_yuan")) == ("帮扶小额信贷", 100_000)
    assert before.parameter("loan_term_years").verified
    assert not after.parameter("loan_term_years").verified


def test_everything_has_a_value_today_a_title_and_a_source() -> None:
    for key in policy.names():
        found = policy.on(DAY).parameter(key)
        assert found.title
        assert len(found.source) > 3


def test_what_we_set_ourselves_is_the_countys_and_nothing_of_the_countrys_is() -> None:
    levels = {value.level for entry in entries().values() for value in entry.values if value.trust == "design"}
    assert levels == {"anyi"}


def test_the_names_of_parameters_end_in_their_unit_or_say_what_they_are() -> None:
    assert all(key.isidentifier() and key == key.lower() for key in policy.names())
