"""A rover on a prepared bed."""
