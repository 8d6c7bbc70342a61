"""How many visits there are, and whom one looks for in the list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county.foresee.rules import VISITS_MOST
from anlan.county.office.models import Division, User

DEFAULT = 200


class Visits(forms.Form):
    """A number of visits."""

    visits = forms.IntegerField(label=_("可以入户的次数"), min_value=1, max_value=VISITS_MOST)


class Sought(forms.Form):
    """A household looked for in the list: by its village, a part of the head's name or the end of the code."""

    words = forms.CharField(label=_("户主姓名，或农户编码末几位"), required=False, max_length=20)
    village = forms.ChoiceField(label=_("村"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = Division.objects.visible_to(user).filter(level="village").order_by("code")
        listed = list(villages.values_list("code", "name"))
        if len(listed) > 1:
            self.fields["village"].choices = [("", _("全部村")), *listed]  # type: ignore[attr-defined]
        else:
            del self.fields["village"]
