"""Who is this? By password; permissions come from appointments, never from here."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from anlan.county.office import guarding
from anlan.county.office.models import User


class Passwords(BaseBackend):
    """Username and password."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        code: str = "",
        **kwargs: Any,
    ) -> User | None:
        """The user whose password and code these are, or None; None for everybody while the name is locked."""
        user = User.objects.filter(username=username or "", is_active=True).first()
        if user is None:
            User().set_password(password)  # the same time for a name that does not exist
            return None
        if guarding.locked_until(user) is not None:
            return None
        if user.check_password(password or "") and guarding.passed(user, code):
            return user
        guarding.failed(user)
        return None

    def get_user(self, user_id: int) -> User | None:
        """The user of a session, while still active. Nothing sealed: a page must open to say that a key is missing."""
        return User.objects.defer("phone").filter(pk=user_id, is_active=True).first()
