"""What can happen to a county, and how hard it is where somebody stands."""
