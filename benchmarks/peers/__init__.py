"""drawbar beside LAMMPS and LIGGGHTS: the very same grains, laws, time step and skin, in turn on the same cores."""
