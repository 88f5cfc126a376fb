"""The engine: what a declaration is (`model`), and reading, writing and checking derived from it.

It knows no kind of document; a new kind or version is a declaration alone (`edo_service.formats.declarations`).
"""
