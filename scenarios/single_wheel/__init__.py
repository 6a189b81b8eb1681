"""One wheel on a prepared bed."""
