"""Checks before the flood season, of hazard points and of homes: what they found, and the leads that come of it."""
