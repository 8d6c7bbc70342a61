"""What a hazard does to what stands there: losses, incomes and the odds of hardship, household by household.

`first_cut` is the method in use; `fragility` holds its curves. Methods that judged people stay side by side, so
that an old list can be made again.
"""
