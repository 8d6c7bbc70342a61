"""The chain from finding to decision: review, publicity, township, county, notice."""
