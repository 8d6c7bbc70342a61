"""Loudspeakers and screens in the villages, by MQTT."""
