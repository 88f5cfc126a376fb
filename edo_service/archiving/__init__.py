"""Hand-over of finished document sets to the archive, the compliance search and the export that verifies without us."""
