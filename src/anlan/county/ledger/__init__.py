"""Who did what to what, when and why: append-only and hash-chained, so that edits show."""
