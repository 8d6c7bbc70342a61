"""Departments determine other disasters together: what it was, where, and whether nature did it."""
