"""`anlan office appoint USERNAME …`: give a person a post, and a password that is printed once."""

import secrets
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.command import AnlanCommand
from anlan.county.errors import BadInput, NotFound
from anlan.county.office.actions import appoint, set_password
from anlan.county.office.models import Appointment, Department, Division
from anlan.county.office.queries import county, machine
from anlan.county.office.roles import ROLES


class Command(AnlanCommand):
    """A new person comes in with the printed password; somebody known keeps their own."""

    help = (
        "give a person a post: USERNAME --name NAME --role ROLE [--division CODE] [--department KEY] [--phone NUMBER]"
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="the person's name; needed for somebody new")
        parser.add_argument("--role", required=True, choices=sorted(ROLES))
        parser.add_argument("--division", default="", help="twelve digits; without it, the county")
        parser.add_argument("--department", default=None, help="a department's key, for its clerk")
        parser.add_argument("--phone", default="", help="where warnings and calls at night go")

    @transaction.atomic
    def perform(self, **options: Any) -> Any:
        division, department = options["division"] or county().division_id, options["department"]
        if not Division.objects.filter(pk=division).exists():
            raise NotFound(_("没有代码为 %(code)s 的区划。") % {"code": division})
        if department and not Department.objects.filter(pk=department).exists():
            raise NotFound(_("没有“%(department)s”这个部门。") % {"department": department})
        if Appointment.objects.filter(
            user__username=options["username"], role=options["role"], division=division, until__isnull=True
        ).exists():
            raise BadInput(_("%(username)s 已经有这个岗位。") % {"username": options["username"]})
        user = appoint(
            username=options["username"], name=options["name"] or options["username"], role=options["role"],
            division=division, department=department, since=clock.today(),
        )  # fmt: skip
        if options["phone"]:
            user.phone = options["phone"]
            user.save(update_fields=["phone"])
        password = ""
        if not user.has_usable_password():
            password = secrets.token_urlsafe(12)
            set_password(user=user, password=password, by=machine())
        return {"username": user.username, "role": options["role"], "password": password}

    def say(self, document: Any) -> None:
        self.stdout.write("\t".join(document.values()))
