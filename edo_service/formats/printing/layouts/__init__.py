"""One layout for each printed form."""
