"""Households, their people, homes, land, income and water: the shared nouns of the county."""
