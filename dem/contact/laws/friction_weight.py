"""How cohesion loads friction, shared by the cohesive laws.

    load = F_n + w F_c,        |F_t| <= mu_s load,  |M_r| <= mu_r R* load,  |M_t| <= 2/3 a mu_s load

F_n is the whole normal force, attraction included, and F_c the pull-off force. w = 1 is Derjaguin's friction law
(Z. Phys. 88 (1934) 661): the surfaces are pressed together by load and adhesion alike, so a contact pulled to its limit
carries none.
w = 2 is Thornton's for JKR (J. Phys. D 24 (1991) 1942), which LAMMPS takes; w = 0 leaves Coulomb's law as it is.
"""

from dem.errors import ConfigError

CONVENTIONS = {"friction_load": "F_n + friction_weight x pull-off, for sliding, rolling and twisting caps"}


def check_friction_weight(law: str, weight: float) -> None:
    """Raise `ConfigError` unless a weight lies in [0, 2]."""
    if not 0.0 <= weight <= 2.0:
        raise ConfigError(f"{law}.friction_weight is {weight}, must lie in [0, 2]; use 1 (Derjaguin) or 2 (Thornton)")
