"""The life of households: doubles merged and parted again, splits, moves, births, deaths, people coming and going."""
