"""Beds of grains: what a user states, how they are made and tested."""
