"""What departments and the county write into a determination."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county import clock
from anlan.county.office.models import Department, Division
from anlan.county.verify.joint.actions import SAID_LENGTH

NATURAL = [("1", _("属自然灾害")), ("0", _("不属自然灾害"))]


class Calling(forms.Form):
    """Which departments are called."""

    departments = forms.MultipleChoiceField(label=_("参加认定的部门"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = Department.objects.on(clock.today()).values_list("key", "name")
        self.fields["departments"].choices = list(listed)  # type: ignore[attr-defined]  # a choice field


class Opining(forms.Form):
    """A department's opinion."""

    department = forms.CharField(widget=forms.HiddenInput, max_length=40)
    natural = forms.ChoiceField(label=_("认定意见"), choices=NATURAL, widget=forms.RadioSelect)
    said = forms.CharField(label=_("依据和说明"), max_length=SAID_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))


class Concluding(forms.Form):
    """The county's conclusion."""

    natural = forms.ChoiceField(label=_("结论"), choices=NATURAL, widget=forms.RadioSelect)
    codes = forms.MultipleChoiceField(label=_("受灾的乡镇"), required=False, widget=forms.CheckboxSelectMultiple)
    minutes = forms.CharField(label=_("会议纪要"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        towns = Division.objects.filter(level="township").values_list("code", "name")
        self.fields["codes"].choices = list(towns)  # type: ignore[attr-defined]  # a choice field
