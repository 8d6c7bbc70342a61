"""Where households go when they must leave, and the county's schools: kept, imported, shown."""
