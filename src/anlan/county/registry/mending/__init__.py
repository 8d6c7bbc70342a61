"""Findings of data quality as tasks with an owner and a day, which end by themselves when the data is mended."""
