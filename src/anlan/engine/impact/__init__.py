"""What a hazard does to what stands there, household by household; `outlook` brings it together with incomes."""
