"""Wheels, test rigs and rovers."""
