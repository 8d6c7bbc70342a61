"""The shell: everything that changes the world, one room per step of the mission."""
