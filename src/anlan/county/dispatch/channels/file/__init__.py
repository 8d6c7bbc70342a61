"""Messages appended to files for another program or a printer."""
