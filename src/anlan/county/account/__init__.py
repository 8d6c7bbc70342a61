"""Nobody missed, nobody late: the coverage balance, the clocks, the after-action report."""
