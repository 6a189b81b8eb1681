"""Studies: what many runs together say."""
