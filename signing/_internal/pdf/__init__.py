"""Signatures inside PDF files (ISO 32000-1, 12.8; ETSI EN 319 142): own strict reader, no rendering."""
