"""Sending one message to one contact: a transactional outbox, channels, receipts."""
