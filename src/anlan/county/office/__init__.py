"""Divisions, departments, duties and their holders, roles, and the clocks that run on all of them."""
