"""Running one case under Hydra, or many cases as fresh processes."""
