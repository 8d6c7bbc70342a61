"""Copies of the register for analysis: columns in Parquet, by county, under pseudonyms."""
