"""Beds of grains: made as a spec says, to the density asked for, measured, and kept on disk."""
