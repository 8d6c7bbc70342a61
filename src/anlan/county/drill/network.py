"""What carriers and loudspeakers truly do in a drill: drawn once, whatever the rooms do or believe."""

from dataclasses import dataclass

import numpy as np

from anlan.county.drill.chance import chance
from anlan.county.drill.households import Flags
from anlan.county.drill.worlds import World


@dataclass(frozen=True, slots=True)
class Network:
    """By household, but `sounds` by village."""

    refused: Flags  # the carrier takes nothing for this telephone
    swallowed: Flags  # it takes everything, and that is the last one hears of it
    unreceipted: Flags  # all arrives, and nobody is told so
    picks_up: Flags
    sounds: Flags


def draw_network(seed: int, world: World, households: int, villages: int) -> Network:
    """The same seed and world give the same network."""
    luck = chance(seed, "network")
    refused, swallowed, unreceipted, picks_up = luck.random((4, households))
    return Network(
        refused=np.asarray(refused < world["carriers", "refused"]),
        swallowed=np.asarray(swallowed < world["carriers", "swallowed"]),
        unreceipted=np.asarray(unreceipted < world["carriers", "unreceipted"]),
        picks_up=np.asarray(picks_up < world["people", "answers_calls"]),
        sounds=np.asarray(luck.random(villages) >= world["carriers", "loudspeakers_silent"]),
    )
