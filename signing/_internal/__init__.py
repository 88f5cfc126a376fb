"""The inside of `signing`: nothing here is imported from outside the package."""
