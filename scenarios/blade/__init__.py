"""Force on a blade that is pushed into a bed or dragged through it."""
