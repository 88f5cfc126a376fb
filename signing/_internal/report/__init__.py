"""A verdict told to others: words and a page for people, ETSI TS 119 102-2 for machines."""
