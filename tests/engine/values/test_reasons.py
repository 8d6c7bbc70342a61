"""Reasons."""

from dataclasses import FrozenInstanceError, asdict

import pytest

from anlan.engine.values.reasons import Reason

REASON = Reason("below_line", "income", {"line_yuan": 8500.0}, "monitoring_line_yuan", "中农组发〔2021〕7号")


def test_a_reason_can_be_stored_as_it_is() -> None:
    assert asdict(REASON)["values"] == {"line_yuan": 8500.0}


def test_a_reason_once_given_is_not_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        REASON.code = "other"  # type: ignore[misc]
