"""Files as people send them, read as tables of cells: xlsx, xls, csv, web pages saved as xls, and zips of these."""
