"""Visits and checks that turn a lead into a finding."""
