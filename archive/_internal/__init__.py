"""Parts of the archive that nobody outside it imports."""
