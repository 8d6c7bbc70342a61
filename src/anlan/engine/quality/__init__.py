"""Is what the register says of a household possible, likely, complete? The rules are data (`rules.toml`)."""

from anlan.engine.quality.catalogue import RULES, SEVERITIES, Rule, RulesInvalid, skipped
from anlan.engine.quality.judging import CHECKS, Found, judge, judge_register
from anlan.engine.quality.roll import Register, Roll, identity_keys, number_keys

__all__ = [
    "CHECKS", "RULES", "SEVERITIES", "Found", "Register", "Roll", "Rule", "RulesInvalid", "identity_keys", "judge",
    "judge_register", "number_keys", "skipped",
]  # fmt: skip
