"""Cadre checks on a phone that may be offline: what it takes along and hands in, and what officials must choose."""
