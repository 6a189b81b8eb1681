"""A bed by itself."""
