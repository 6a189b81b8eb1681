"""Cone penetrometer."""
