"""Angle of repose by a tilting box."""
