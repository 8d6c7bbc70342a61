"""What the room does on its own: fetch the county's feeds, and wake the desk for what came."""

from collections.abc import Callable

from anlan.county.sense.polling import poll
from anlan.county.sense.ringing import wake

JOBS: tuple[Callable[[], int], ...] = (poll, wake)
