"""Annular shear of a straight piece of a large ring."""
