"""The one family of errors that a person is meant to read."""


class Refused(Exception):
    """A deed that was not done, and why, in a sentence its reader can act on.

    The web answers 409 with the sentence, the command line prints it and exits 2. Nothing was changed.
    """

    status = 409


class NotAllowed(Refused):
    """This person may not do this, here."""

    status = 403


class NotFound(Refused):
    """What was named does not exist, or not within this person's divisions."""

    status = 404


class BadInput(Refused):
    """A file or a form that cannot be read as it stands; the sentence names the place."""

    status = 422
