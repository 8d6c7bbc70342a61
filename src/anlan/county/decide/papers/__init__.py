"""The official papers of a case: Word templates that are the county's own data, and the same as pages."""
