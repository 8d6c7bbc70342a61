"""Who holds which role where: the list of log-ins, for who keeps them and for who audits them."""
