"""The Common Alerting Protocol, version 1.2: read with distrust, judged by its own rules, never trusted to be well made."""
