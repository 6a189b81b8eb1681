"""What engineers read off a state: packing, surface, forces on wheels. NumPy on snapshots; nothing here moves."""
