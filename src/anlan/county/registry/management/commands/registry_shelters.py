"""`anlan registry shelters FILE`: take in a list of the county's shelters, and of who goes where by which way."""

from anlan.county.registry.shelters.actions import import_shelters
from anlan.county.registry.shelters.command import ListCommand


class Command(ListCommand):
    """All of it or nothing."""

    help = "take in a list of shelters (xlsx, xls, csv), all of it or nothing"
    take_in = staticmethod(import_shelters)
