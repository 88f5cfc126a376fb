"""Documents, their files and signatures, the acts of signing and refusing, printed forms and the signing protocol."""
