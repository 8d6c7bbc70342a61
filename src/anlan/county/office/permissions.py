"""May this person do this, here? What a thing allows in its state is each room's own rules."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from anlan.county.errors import NotAllowed
from anlan.county.office.abilities import ABILITIES
from anlan.county.office.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class Unpermitted(NotAllowed):
    """No current appointment of this person carries the permission, or none covers the division.

    The permission and the division are kept, so that the page can say whom to ask.
    """

    def __init__(self, sentence: str, permission: str, division: str | None = None) -> None:
        super().__init__(sentence)
        self.permission = permission
        self.division = division


def check(user: User, permission: str, division: str | None = None) -> None:
    """Raise Unpermitted unless a current appointment carries the permission and covers the division."""
    if user.may(permission, division):
        return
    if division is not None and user.may(permission):
        raise Unpermitted(_("这不在您负责的区划内。"), permission, division)
    sentence = _("您的岗位没有这项权限：%(ability)s。") % {"ability": ABILITIES.get(permission, permission)}
    raise Unpermitted(sentence, permission, division)


def needs(*permissions: str) -> Callable[[View[P]], View[P]]:
    """A view for people who are logged in and hold one of these permissions somewhere."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not any(request.user.may(permission) for permission in permissions):
                check(request.user, permissions[0])
            return view(request, *args, **kwargs)

        guarded.needs = permissions  # type: ignore[attr-defined]  # the stranger test reads it
        return cast("View[P]", guarded)

    return decorate


def public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view as open to anyone, on purpose."""
    view.public = True  # type: ignore[attr-defined]  # the stranger test reads it
    return view


def whose(request: HttpRequest) -> User:
    """The user of a request that passed `needs`."""
    user: Any = request.user
    if not isinstance(user, User):
        raise NotAllowed(_("请先登录。"))
    return user
