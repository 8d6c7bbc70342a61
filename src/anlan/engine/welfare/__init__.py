"""From losses to what they mean: the year's income, who falls below the line, how long recovery takes, what helps.

Three outcomes stand side by side and are never merged into one figure: income below the line, what is left after
spending that cannot be avoided below the line, and a house or drinking water that is not safe.
"""
