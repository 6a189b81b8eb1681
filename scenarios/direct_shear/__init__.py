"""Direct shear in a split box."""
