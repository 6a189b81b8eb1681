"""What is read of a state between steps, and no step needs: energies, soundness, loads and lists of contacts."""
