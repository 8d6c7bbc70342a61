"""Screens across rooms, and the base they all stand on."""
