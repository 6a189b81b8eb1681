"""Who may touch whom: cells, sorted grains, one half list of candidate contacts."""
