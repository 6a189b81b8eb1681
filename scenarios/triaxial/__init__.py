"""Triaxial compression."""
