"""Why something is proposed: a code the screens put into words, the figures, and the rule it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `axis` is the P2 axis it is about (empty for none); `basis` is a document, in its own language."""

    code: str
    axis: str
    values: Mapping[str, float | str]
    parameter: str  # the policy parameter that drew the line
    basis: str
