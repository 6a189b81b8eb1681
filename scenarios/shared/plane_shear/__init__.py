"""A layer sheared between platens, as direct and annular shear do."""
