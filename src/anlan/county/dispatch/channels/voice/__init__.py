"""Telephone calls through a voice gateway that speaks JSON over signed HTTP."""
