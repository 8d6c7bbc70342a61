"""Hazards coming in: alerts, gauges, and the events they open."""
