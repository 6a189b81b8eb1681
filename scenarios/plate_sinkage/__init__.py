"""Pressure and sinkage of strip plates."""
