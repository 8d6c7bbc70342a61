"""What a hazard does to what stands there: losses, incomes and the odds of hardship, household by household.

`first_cut` is the method in use; `fragility` holds its curves. Methods that judged people stay side by side, so
that an old list can be made again.

Physical intensities and damage curves go through four tiers that agree to the last bit: `aggregates` (totals),
`inversion` (who falls below the line, for belongings in one cell), `pairs` (in several, by several hazards) and
`stored` (every loss kept); `spread` is for unequal damage and unsure incomes.
"""
