"""Which households an event hits, how hard, and whom to see first."""
