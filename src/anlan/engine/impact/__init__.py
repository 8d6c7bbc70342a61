"""What a hazard does to what stands there: losses, incomes and the odds of hardship, household by household.

`library` holds the curves, and `fragility` those over severity. Physical intensities and damage curves go through four
tiers that agree to the last bit: `aggregates` (totals), `inversion` (who falls below the line, for belongings in one
cell), `pairs` (in several, by several hazards) and `stored` (every loss kept); `spread` is for unequal damage and
unsure incomes. `outlook`, a storey above, brings all of it together with what is expected of every household.
"""
