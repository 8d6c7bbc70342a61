"""What a reason rests on: the document that says so, and the source of the figure that drew the line."""

from anlan.engine.policy import Policy
from anlan.engine.policy.tables import Fired
from anlan.engine.values.reasons import Reason


def reason(fired: Fired, policy: Policy) -> Reason:
    """The reason that a row of a decision table gives: its result as the code, its figures, and its basis."""
    row = fired.version
    document = policy.text(row.basis) if row.basis in policy else row.basis
    figures = {name: "" if value is None else value for name, value in fired.figures.items()}
    if row.line in {"", row.basis}:
        return Reason(row.then, row.axis, figures, row.line, document)
    parameter = policy.parameter(row.line)
    return Reason(row.then, row.axis, figures, row.line, f"{document}；{parameter.title}：{parameter.source}")
