"""What a whole drill's villages hang up, hand out and print: no sealed value of anybody, no code, no full name.

Every kind of paper that leaves the office is made from the records of all villages, as Word file and as page. What must
not stand in it is not a list kept here: it is whatever any table seals.
"""

import io
import re
import zipfile

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from anlan.county.clear import papers as clearing
from anlan.county.clear.models import Clearance
from anlan.county.decide.models import Case
from anlan.county.decide.papers import villages
from anlan.county.decide.papers.printing import PUBLIC, page, word
from anlan.county.mission import NAMES
from anlan.county.office.models import Division, User
from anlan.county.registry.models import Household, Person
from anlan.county.sealed import SealedField
from anlan.county.sense.models import Event

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("small_drill")]
HEALTH = ("健康", "患病", "慢性", "大病", "残疾", "重病", "healthy", "chronic", "disabled")
BANK = re.compile(r"(?<!\d)\d{15,19}[\dXx]?(?!\d)")  # a bank card's or an identity number's digits
PHONE = re.compile(r"(?<!\d)1\d{10}(?!\d)")


def said(file: bytes | str) -> str:
    """All that a paper says: every part of a Word file, or what its page shows."""
    if isinstance(file, str):
        return file
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        xml = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels")))
    return re.sub(r"<[^>]+>", "", xml)


def sealed_values() -> set[str]:
    """Whatever any table seals; words of a few letters are states of health and looked for by their words."""
    found: set[str] = set()
    for model in apps.get_models():
        if model._meta.app_label in NAMES:
            for field in model._meta.concrete_fields:
                if isinstance(field, SealedField):
                    found |= set(model._base_manager.values_list(field.name, flat=True))
    places = set(Division.objects.values_list("code", flat=True))  # a loudspeaker's address is its village's code
    return {value for value in found - places if len(value) >= 6 and value not in HEALTH}


def hung(event: Event) -> dict[str, list[bytes | str]]:
    """Every paper that hangs in a village: of cases by village, of clearances one by one."""
    made: dict[str, list[bytes | str]] = {key: [] for key in PUBLIC}
    for village in Division.objects.filter(level="village"):
        for key in villages.PAPERS:
            file = word(key, villages.contents(event, village, key))
            made[key] += [file, str(page(file))]
    for each in Clearance.objects.select_related(*clearing.RELATED).filter(public_since__isnull=False)[:40]:
        file = word("clear_publicity", clearing.contents(each, "clear_publicity"))
        made["clear_publicity"] += [file, str(page(file))]
    return made


@pytest.mark.clause("L1", "M2", "M6")
def test_nothing_that_hangs_in_a_village_holds_a_sealed_value_of_anybody(small_drill):
    event = Event.objects.get(code=small_drill["event"]["code"])
    Case.objects.filter(event=event, state="not_confirmed").update(state="publicity")  # so that many hang at once
    sealed, names = sealed_values(), set(Person.objects.values_list("name", flat=True))
    names |= set(Household.every.values_list("code", flat=True))
    assert len(sealed) > 1500
    made = hung(event)
    masked = 0
    for key, files in made.items():
        assert files, key
        for file in files:
            text = said(file)
            masked += text.count("*")
            assert not [value for value in sealed | names if value in text], key
            assert not [sick for sick in HEALTH if sick in text], key
            assert not BANK.search(text), key
            assert not PHONE.search(text), key
    assert masked > 100  # names did hang, with their middle hidden


@pytest.mark.clause("D1", "M2")
def test_the_boards_and_the_leaflets_pages_and_files_hold_nobody(small_drill):
    event, sealed = small_drill["event"]["code"], sealed_values()
    client, looked = Client(), 0
    for cadre in User.objects.filter(appointments__role="village_cadre").distinct()[:6]:
        client.force_login(cadre)
        village = cadre.current()[0].division_id
        addresses = [reverse("decide:notice", args=[event, village]), reverse("decide:board", args=[event, village])]
        for key in ("report", "help"):
            addresses += [reverse(f"discover:{name}", args=[key, village]) for name in ("leaflet", "leaflet_word")]
        for address in addresses:
            answer = client.get(address)
            if answer.status_code != 200:
                continue
            body = b"".join(answer) if answer.streaming else answer.content
            text = _whole(body)
            looked += 1
            assert not [value for value in sealed if value in text], address
    assert looked >= 12


def _whole(body: bytes) -> str:
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return "\n".join(_whole(parts.read(name)) for name in parts.namelist())
