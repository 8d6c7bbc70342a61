"""A synthetic county and storms with known truth. No room may import this one."""
