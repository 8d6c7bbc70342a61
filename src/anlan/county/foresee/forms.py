"""How many visits there are."""

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county.foresee.rules import VISITS_MOST

DEFAULT = 200


class Visits(forms.Form):
    """A number of visits."""

    visits = forms.IntegerField(label=_("可以入户的次数"), min_value=1, max_value=VISITS_MOST)
