"""Cleared households looked at once more: drawn by lot, seen by other hands, taken back where the risk is there."""
