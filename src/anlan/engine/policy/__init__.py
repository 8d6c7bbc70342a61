"""What policy sets, as dated and sourced data: the most local value valid on the day wins.

`{cn,jx,anyi}/*.toml` hold the values of the country, the province and the county. Every value says from which day
it holds, where it was read, and how far that is to be trusted; nothing of the kind stands in code.
"""

from anlan.engine.policy.choosing import Candidate, Explanation, Policy, explain, names, nearest, on
from anlan.engine.policy.parameters import LEVELS, TRUSTS, Parameter, PolicyInvalid, PolicyUnknown

__all__ = [
    "LEVELS",
    "TRUSTS",
    "Candidate",
    "Explanation",
    "Parameter",
    "Policy",
    "PolicyInvalid",
    "PolicyUnknown",
    "explain",
    "names",
    "nearest",
    "on",
]
