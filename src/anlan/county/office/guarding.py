"""The door: how often somebody may guess, and the second thing that must be right besides the password.

It goes by the machine's own clock. A drill's stands still, and a lock would never open.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import BadInput
from anlan.county.ledger.actions import record
from anlan.county.office import onetime
from anlan.county.office.models import Guard, User
from anlan.county.office.permissions import check

TRIES = 5  # wrong passwords or codes in a row
REST = timedelta(minutes=15)


def locked_until(user: User) -> datetime | None:
    """Until when nobody may come in under this name; None where the door is open."""
    guard = Guard.objects.filter(user=user, locked_until__gt=clock.machine()).first()
    return guard.locked_until if guard is not None else None


@transaction.atomic
def failed(user: User) -> None:
    """A wrong password or code. The last of a row locks the name for a while."""
    guard = _guard(user)
    guard.failures += 1
    if guard.failures >= TRIES:
        guard.failures, guard.locked_until = 0, clock.machine() + REST
        record("office.lock", about=f"user:{user.username}", by=user.username)
    guard.save(update_fields=["failures", "locked_until"])


@transaction.atomic
def passed(user: User, code: str) -> bool:
    """The password was right: whether the code is, too. It is needed from whoever has bound a telephone."""
    guard = _guard(user)
    if guard.secret:
        step = onetime.step_of(guard.secret, code, clock.machine().timestamp(), guard.step)
        if step is None:
            return False
        guard.step = step
    guard.failures = 0
    guard.save(update_fields=["failures", "step"])
    record("office.log_in", about=f"user:{user.username}", by=user.username)
    return True


def _guard(user: User) -> Guard:
    Guard.objects.get_or_create(user=user)
    return Guard.objects.select_for_update().get(user=user)


def bound(user: User) -> bool:
    """Whether this person comes in with a second factor."""
    return Guard.objects.filter(user=user).exclude(secret="").exists()


def must_bind(user: User) -> bool:
    """Whether this person may do nothing before a telephone is bound (ANLAN_TWO_FACTOR)."""
    return settings.TWO_FACTOR and not bound(user)


@transaction.atomic
def bind(*, user: User, secret: str, code: str) -> None:
    """Bind a telephone's app; refused where its code is not right, so that nobody locks themselves out."""
    guard = _guard(user)
    if guard.secret:
        raise BadInput(_("已经绑定过了。换手机请找系统管理员解除。"))
    step = onetime.step_of(secret, code, clock.machine().timestamp())
    if step is None:
        raise BadInput(_("动态口令不对，请看手机上当前的六位数字。"))
    guard.secret, guard.step = secret, step
    guard.save(update_fields=["secret", "step"])
    record("office.bind", about=f"user:{user.username}", by=user.username)


@transaction.atomic
def release(*, user: User, by: User, unbind: bool = False) -> None:
    """Open a locked name again; with `unbind` the lost telephone is forgotten too."""
    check(by, "office.write")
    guard = _guard(user)
    guard.failures, guard.locked_until = 0, None
    if unbind:
        guard.secret, guard.step = "", 0
    guard.save()
    record("office.unlock", about=f"user:{user.username}", by=by.username, unbind=unbind)
