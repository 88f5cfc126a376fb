"""The service: everything that needs a transaction, a user or a screen."""
