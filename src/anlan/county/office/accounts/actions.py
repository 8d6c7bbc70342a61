"""Giving and ending posts from the page, and letting people in again. What they do is what the commands do."""

import secrets
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed, Refused
from anlan.county.ledger.actions import record
from anlan.county.office import guarding
from anlan.county.office.actions import Post, appoint_many, set_password
from anlan.county.office.models import Appointment, User
from anlan.county.office.permissions import check

PASSWORD_BYTES = 12


class EndedBefore(Refused):
    """The post has ended already."""


@transaction.atomic
def give_post(*, post: Post, by: User, since: date) -> str:
    """Give somebody a post. Returns the password of a person who has none yet: it is shown once and kept nowhere."""
    _not_oneself(post.username, by)
    held = Appointment.objects.filter(user__username=post.username, role=post.role, division=post.division)
    if held.filter(until__isnull=True).exists():
        raise BadInput(_("%(username)s 已经有这个岗位。") % {"username": post.username})
    user = appoint_many(posts=[post], since=since, by=by)[post.username]
    return "" if user.has_usable_password() else _new_password(user, by)


@transaction.atomic
def end_post(*, appointment: Appointment, by: User) -> Appointment:
    """End a post from today on: what it allowed is over at once."""
    check(by, "office.write", appointment.division_id)
    _not_oneself(appointment.user.username, by)
    held = Appointment.objects.select_for_update(of=("self",)).select_related("user").get(pk=appointment.pk)
    if held.until is not None:
        raise EndedBefore(_("这个岗位已经免去。"))
    held.until = clock.today()
    held.save(update_fields=["until"])
    record("office.end_post", about=f"user:{held.user.username}", by=by.username, role=held.role,
           division=held.division_id)  # fmt: skip
    return held


@transaction.atomic
def let_in(*, user: User, by: User, unbind: bool = False, password: bool = False) -> str:
    """Open a locked log-in again, forget a lost telephone, give a new password. Returns that, to be shown once."""
    _not_oneself(user.username, by)
    for division in user.scopes():
        check(by, "office.write", division)
    guarding.release(user=user, by=by, unbind=unbind)
    return _new_password(user, by) if password else ""


def _new_password(user: User, by: User) -> str:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    set_password(user=user, password=password, by=by)
    return password


def _not_oneself(username: str, by: User) -> None:
    """Who keeps the log-ins judges nobody: a post of one's own is another administrator's to give."""
    if username == by.username:
        raise NotAllowed(_("不能办理自己的账号，请由另一位系统管理员办理。"))
