"""Every room that has screens, under its own name."""

from importlib.util import find_spec

from django.urls import include, path

from anlan.county.mission import NAMES

urlpatterns = [
    path("" if name == "desk" else f"{name}/", include(f"anlan.county.{name}.urls"))
    for name in sorted(NAMES, key=lambda name: name == "desk")
    if find_spec(f"anlan.county.{name}.urls")
]
