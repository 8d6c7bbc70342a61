"""Measures: planned with owner and deadline, delivered, receipted."""
