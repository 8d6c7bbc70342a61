"""What is expected of every household: hazards meet what stands there, losses meet incomes, villages are added up."""
