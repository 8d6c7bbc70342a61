"""The decision tables at work in the county: its own signed wordings, what a household comes to, what a change does."""
