"""What departments are asked about a household: its assets and their records, each by its own clock."""
