"""Adapters of our own ports: objects, outbound HTTP, publishing."""
