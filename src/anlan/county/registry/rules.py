"""What the registry's codes and kinds mean. No database here."""

SERIAL_DIGITS = 5

# What a household lives from, by kind; "crops" and "livestock" where a list does not tell them apart.
LIVESTOCK = frozenset({"pigs", "cattle", "sheep", "poultry", "fish", "bees", "livestock"})
EQUIPMENT = frozenset({"equipment"})

# How far from where it is drawn a household may stand, in metres. Design values: a phone's fix in a yard,
# a house group's spread, a village's radius, a township's.
LOCATION_M = {"point": 50.0, "group": 400.0, "village": 1500.0, "area": 5000.0}

# A swapped or mistyped coordinate nearly always leaves this box (the country's, in degrees).
LON_RANGE = (73.0, 136.0)
LAT_RANGE = (3.0, 54.0)


def household_code(village: str, serial: int) -> str:
    """A household's code: its village's twelve digits and a serial of five."""
    return f"{village}{serial:0{SERIAL_DIGITS}d}"


def on_the_map(lon: float, lat: float) -> bool:
    """Whether a coordinate can belong to a household of ours. NaN cannot."""
    return LON_RANGE[0] <= lon <= LON_RANGE[1] and LAT_RANGE[0] <= lat <= LAT_RANGE[1]
