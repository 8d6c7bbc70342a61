"""What is expected of every household: hazards met with what stands there, losses met with incomes, villages added up."""
