"""Who is at risk, and whose risk is gone: proposals with their reasons and the rule each rests on. People decide."""
