"""Short messages through a carrier that speaks SMPP 3.4."""
