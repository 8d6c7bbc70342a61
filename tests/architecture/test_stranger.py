"""Walk every page and every table as an officer of another township: nothing of this one shows, nothing moves.

The county is a small drill that has run to its end, so every table has rows of both townships. What is downloaded is
looked into: a Word or Excel file is a zip, and its words are not in its bytes.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice, product

import pytest
from django.apps import apps
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from anlan.county.ledger.models import Entry
from anlan.county.mission import NAMES
from anlan.county.office.models import County, User
from anlan.county.office.permissions import needs
from anlan.county.registry.models import Household, Person
from anlan.county.sense.models import Event
from anlan.engine.values.divisions import significant

HOME, FOREIGN = "360123101", "360123102"
TRIES = 12


def patterns(found=None, namespace="") -> Iterator[tuple[str, URLPattern]]:
    for entry in found if found is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry.url_patterns, entry.namespace or namespace)
        elif entry.name:
            yield f"{namespace}:{entry.name}" if namespace else entry.name, entry


ROUTES = sorted(dict(patterns()).items())


def foreign_ids(app: str) -> list[int]:
    """Primary keys of this room's rows in the other township, a few of each table."""
    found: list[int] = []
    for model in apps.get_models():
        if model._meta.app_label == app and hasattr(model, "SCOPE"):
            found += list(model._default_manager.within(FOREIGN).values_list("pk", flat=True)[:2])
    return [pk for pk in found if isinstance(pk, int)]


def candidates(app: str, parameter: str) -> list[object]:
    """What a stranger might put into a URL's place."""
    codes = list(Household.objects.within(FOREIGN).values_list("code", flat=True)[:3])
    led = list(Household.objects.within(FOREIGN).filter(leads__isnull=False).values_list("code", flat=True)[:2])
    villages = list(Household.objects.within(FOREIGN).values_list("division_id", flat=True).distinct()[:1])
    events = list(Event.objects.values_list("code", flat=True))
    ids = foreign_ids(app) + list(Household.objects.within(FOREIGN).values_list("pk", flat=True)[:1])
    if "pk" in parameter or parameter.endswith("id"):
        return ids
    if parameter in {"event", "event_code"}:
        return [*events]
    return [*events, *led, *codes, *villages, FOREIGN + "000", *ids, "x"]


def urls(name: str, pattern: URLPattern) -> Iterator[str]:
    parameters = list(pattern.pattern.converters)
    app = name.split(":")[0]
    for values in islice(product(*(candidates(app, parameter) for parameter in parameters)), 40):
        with suppress(NoReverseMatch):  # a value that does not fit the place's converter
            yield reverse(name, kwargs=dict(zip(parameters, values, strict=True)))


@pytest.fixture
def secrets(small_drill) -> set[str]:
    """What must not be seen of the other township: codes, telephones, ID numbers, names that nobody here has."""
    households = Household.objects.within(FOREIGN)
    people = Person.objects.within(FOREIGN)
    found = set(people.values_list("id_number", flat=True))
    for field in ("code", "phone", "second_phone"):
        found |= set(households.values_list(field, flat=True))
    here = set(Person.objects.within(HOME).values_list("name", flat=True)) | set(
        User.objects.values_list("name", flat=True)
    )
    names = {name for name in people.values_list("name", flat=True) if len(name) > 2 and name not in here}
    assert len(names) > 20
    return (found | names) - {""}


def said(response) -> str:
    """All that an answer says, also where it is a zip, or a zip of zips."""
    return unzipped(b"".join(response) if response.streaming else response.content)


def unzipped(body: bytes) -> str:
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        return "\n".join(unzipped(parts.read(name)) for name in parts.namelist())


def officer(township: str) -> User:
    return User.objects.get(username=f"town-{township}")


@pytest.mark.long
@pytest.mark.xdist_group("small_drill")
def test_no_page_shows_a_stranger_anything(small_drill, secrets):
    client = Client()
    client.force_login(officer(HOME))
    walked = 0
    for name, pattern in ROUTES:
        for url in urls(name, pattern):
            for page in (url, f"{url}?township={FOREIGN}000&village=&q=示例&page=1"):
                response = client.get(page)
                text = said(response)
                leaked = [secret for secret in secrets if secret in text and secret not in page]
                assert not leaked, f"{page} ({response.status_code}) shows {leaked[:3]}"
                walked += 1
    assert walked > len(ROUTES)


@pytest.mark.long
@pytest.mark.xdist_group("small_drill")
def test_no_form_moves_or_shows_anything_of_a_strangers(small_drill, secrets):
    client = Client()
    client.force_login(officer(HOME))
    before = Entry.objects.count()
    for name, pattern in ROUTES:
        if name.startswith("office:") or not pattern.pattern.converters:
            continue
        for url in urls(name, pattern):
            response = client.post(url, {"reason": "x", "note": "x", "to": "review", "version": "0"})
            text = said(response)
            leaked = [secret for secret in secrets if secret in text and secret not in url]
            assert not leaked, f"{url} ({response.status_code}) shows {leaked[:3]}"
            touched = Entry.objects.filter(seq__gt=before)
            foreign = [entry for entry in touched if FOREIGN in entry.about]
            assert not foreign, f"{url} ({response.status_code}) wrote {foreign}"


@pytest.mark.long
@pytest.mark.xdist_group("small_drill")
def test_who_is_not_logged_in_is_sent_to_the_door(small_drill, secrets):
    for name, pattern in ROUTES:
        if getattr(pattern.callback, "public", False):
            continue
        for url in islice(urls(name, pattern), TRIES):
            response = Client().get(url)
            assert response.status_code in {302, 405}, f"{url} answers {response.status_code}"
            if response.status_code == 302:
                assert response["Location"].startswith(reverse("office:login")), url


def test_a_zip_within_a_zip_is_looked_into():
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as kept:
        kept.writestr("word/document.xml", "秘密")
    with zipfile.ZipFile(outer, "w") as kept:
        kept.writestr("1.docx", inner.getvalue())
    assert "秘密" in unzipped(outer.getvalue())


def test_every_view_says_whom_it_is_for():
    for name, pattern in ROUTES:
        view = pattern.callback
        assert getattr(view, "public", False) or getattr(view, "needs", None), f"{name} is open to anyone by accident"


def test_every_permission_a_view_asks_for_is_some_roles():
    from anlan.county.office.roles import ROLES

    known = frozenset().union(*(role.permissions for role in ROLES.values()))
    for name, pattern in ROUTES:
        assert set(getattr(pattern.callback, "needs", ())) <= known, name
    assert needs.__doc__


@pytest.mark.long
@pytest.mark.xdist_group("small_drill")
def test_every_scoped_table_holds_back_the_others_rows(small_drill):
    stranger = officer(HOME)
    county = significant(County.objects.get().division_id)
    checked = 0
    for model in apps.get_models():
        if model._meta.app_label not in NAMES or not hasattr(model, "SCOPE"):
            continue
        seen = set(model._default_manager.visible_to(stranger).values_list(model.SCOPE, flat=True))
        assert all(code.startswith(HOME) for code in seen), model
        assert not model._default_manager.within().exists(), model
        everything = set(model._default_manager.within(county).values_list(model.SCOPE, flat=True))
        checked += bool(everything - seen)
    assert checked >= 15, "the drill left too many tables empty for this test to mean anything"
