"""Three doors into one lead per household and event, and the village sweeps that close the list."""
