"""Short messages by CMPP. Accounts are `[[cmpp]]` in the file that ANLAN_CHANNELS names; the second carries what the
first cannot.
"""

from dataclasses import dataclass

from anlan.county import clock
from anlan.county.dispatch.channels.accounts import accounts, needed
from anlan.county.dispatch.channels.carrier import Carrier, CarrierChannel
from anlan.county.dispatch.channels.cmpp.codec import V2, V3, Cmpp
from anlan.county.dispatch.channels.contracts import Account, Contract, promptness


@dataclass(frozen=True, slots=True)
class Settings:
    """An account's settings."""

    name: str
    host: str
    port: int
    source: str
    password: str
    sender: str
    service: str
    version: str = "2.0"
    rate: int = 0
    window: int = 16


class Channel(CarrierChannel):
    """Segments in UCS-2, so many in flight, a receipt asked for each."""

    name = "cmpp"

    def __init__(self) -> None:
        super().__init__(_open)


def _open(must: bool) -> Carrier | None:
    found = (needed if must else accounts)("cmpp", Settings)
    return Carrier([_account(each) for each in found]) if found else None


def _account(given: Settings) -> Account:
    version = V3 if given.version == "3.0" else V2
    codec = Cmpp(given.source, given.password, given.sender, given.service, clock.now, version)
    contract = Contract(given.name, (given.host, given.port, False), given.rate, given.window)
    return Account(contract, codec, promptness())
