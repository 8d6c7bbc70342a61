"""What stands in a hazard's way: classes of assets, and how far the crops are on a day."""
