"""Warnings: who is told what, who approved it, who acknowledged, who was not reached."""
