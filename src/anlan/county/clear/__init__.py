"""Is the risk gone? Monthly checks on the P2 axes, and the chain that clears a household."""
