"""Short messages by SMPP 3.4. Accounts are `[[smpp]]` in the file that ANLAN_CHANNELS names; the second carries what
the first cannot.
"""

from dataclasses import dataclass

from anlan.county.dispatch.channels.accounts import accounts, needed
from anlan.county.dispatch.channels.carrier import Carrier, CarrierChannel
from anlan.county.dispatch.channels.contracts import Account, Contract, promptness
from anlan.county.dispatch.channels.smpp.codec import Smpp


@dataclass(frozen=True, slots=True)
class Settings:
    """An account's settings."""

    name: str
    host: str
    port: int
    user: str
    password: str
    sender: str = ""
    system_type: str = ""
    rate: int = 0
    window: int = 64
    tls: bool = False
    ids: str = "same"


class Channel(CarrierChannel):
    """Segments in UCS-2, so many in flight, a receipt asked for each."""

    name = "smpp"

    def __init__(self) -> None:
        super().__init__(_open)


def _open(must: bool) -> Carrier | None:
    found = (needed if must else accounts)("smpp", Settings)
    return Carrier([_account(each) for each in found]) if found else None


def _account(given: Settings) -> Account:
    codec = Smpp(given.user, given.password, given.sender, given.system_type, given.ids)
    contract = Contract(given.name, (given.host, given.port, given.tls), given.rate, given.window)
    return Account(contract, codec, promptness())
