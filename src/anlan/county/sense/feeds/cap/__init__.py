"""The Common Alerting Protocol 1.2: read with distrust, judged by its own rules."""
