"""What a reason rests on: the document that says so, and the source of the figure that drew the line."""

from collections.abc import Mapping

from anlan.engine.policy import Policy
from anlan.engine.values.reasons import Reason

Figures = Mapping[str, float | str]


def reason(code: str, axis: str, figures: Figures, key: str, *, basis: str, policy: Policy) -> Reason:
    """A reason by the parameter `key` under the document that the parameter `basis` names."""
    document = policy.text(basis)
    if key == basis:
        return Reason(code, axis, figures, key, document)
    parameter = policy.parameter(key)
    return Reason(code, axis, figures, key, f"{document}；{parameter.title}：{parameter.source}")
