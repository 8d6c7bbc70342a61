"""Departments' lists against the register, month by month: links, leads with reasons, and what a person must decide."""
