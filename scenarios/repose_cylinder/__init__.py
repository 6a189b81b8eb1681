"""Angle of repose by a lifted cylinder."""
