"""`anlan registry schools FILE`: take in a list of the county's schools and kindergartens."""

from anlan.county.registry.shelters.actions import import_schools
from anlan.county.registry.shelters.command import ListCommand


class Command(ListCommand):
    """All of it or nothing."""

    help = "take in a list of schools (xlsx, xls, csv), all of it or nothing"
    take_in = staticmethod(import_schools)
