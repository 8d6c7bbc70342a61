"""Texts into groups of cadres by any service that Apprise knows, where it is installed."""
