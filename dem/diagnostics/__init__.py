"""What is read of a state where somebody looks, and no step needs: energies, soundness, loads and lists of contacts."""
