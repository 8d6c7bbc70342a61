"""Deeds on the templates of papers: putting the county's own in place, going back to those of the program."""

import os
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county.decide.papers import checking
from anlan.county.decide.papers.printing import TITLES
from anlan.county.errors import NotFound
from anlan.county.ledger.actions import record
from anlan.county.office.models import User
from anlan.county.office.permissions import check
from anlan.county.office.queries import county


@transaction.atomic
def put(*, key: str, file: bytes, by: User) -> None:
    """Use the county's own template for a paper from now on. Refused where it asks for a name there is not."""
    check(by, "decide.draft", county().division_id)
    _known(key)
    checking.check(key, file)
    there = checking.place(key)
    there.parent.mkdir(parents=True, exist_ok=True)
    aside = there.with_suffix(".part")
    aside.write_bytes(file)
    record("decide.put_template", about=f"paper:{key}", by=by.username, digest=sha256(file).hexdigest())
    os.replace(aside, there)


@transaction.atomic
def drop(*, key: str, by: User) -> None:
    """Go back to the template that comes with the program. The county's own is kept beside it under another name."""
    check(by, "decide.draft", county().division_id)
    _known(key)
    there = checking.place(key)
    if not there.is_file():
        raise NotFound(_("这份公文用的已是自带的模板。"))
    record("decide.drop_template", about=f"paper:{key}", by=by.username)
    os.replace(there, there.with_suffix(".old.docx"))


def _known(key: str) -> None:
    if key not in TITLES:
        raise NotFound(_("没有这份公文。"))
