"""Loudspeakers of the emergency broadcast (应急广播), through its platform."""
