"""Pull-out of an anchor plate."""
