"""The small shared values: divisions, units, reasons."""
