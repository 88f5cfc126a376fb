"""Remarks: what the official schema accepts and an accountant would still question. They never refuse a file."""
