"""Whom to warn first, and in which words."""
