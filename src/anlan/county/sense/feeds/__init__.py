"""What comes in from outside, one folder per kind of feed."""
