"""Short messages through China Mobile's gateway: CMPP 2.0 and 3.0."""
