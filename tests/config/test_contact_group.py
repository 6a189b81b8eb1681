"""Every contact law can be chosen by its name, with its options and numbers checked before any work."""

import importlib
import itertools
import pkgutil
import re

import pytest

import dem
import dem.contact.laws
from dem.config import list_choices, load_config
from dem.contact.catalog import CATALOG
from dem.contact.contact_laws import KINDS
from dem.contact.laws.part import Part
from dem.soil.contact_spec import EXAMPLES, ContactSpec
from dem.soil.contacts import dry_numbers, grain_numbers, soil_laws
from scenarios import SCENARIOS, scenario_spec

for module in pkgutil.iter_modules(dem.contact.laws.__path__):
    importlib.import_module(f"dem.contact.laws.{module.name}")
LISTED = [(role, name) for role, laws in CATALOG.items() for name in laws]
COMPOSED = [
    dict(zip(CATALOG, names, strict=True))
    for names in itertools.product(*(laws for laws in CATALOG.values()))
    if (names[-1] != "jkr" or names[0] == "hertz")
    and names[:2] not in (("hertz", "linear_tangential"), ("walton_braun", "mindlin"))  # which gain energy
]


def classes(kind):
    """The laws below a class, the abstract ones left out."""
    below = [found for child in kind.__subclasses__() for found in classes(child)]
    own = kind.__module__.startswith("dem.contact.laws.") and kind not in (Part, *KINDS.values())
    return [*below, *([kind] if own else [])]


def needed_by(**names):
    """Overrides that choose laws, with an example of each number that they read."""
    parts = [CATALOG[role][name] for role, name in names.items()]
    options = {"grain_diameter": 0.01, "grain_density": 2600.0}
    read = {
        number
        for law in parts
        for number in law(**{key: value for key, value in options.items() if key in law.__annotations__}).pair_numbers
    }
    numbers = {name: float(text.split()[0]) for name, text in EXAMPLES.items() if name in read}
    return [f"contact.{role}={name}" for role, name in names.items()] + [
        f"contact.numbers.{name}={value}" for name, value in numbers.items()
    ]


def build(config):
    """A grain on a wheel's material, under the config's laws."""
    of_grains = config.soil, config.contact, 0.01
    builder = dem.ModelBuilder((0.0, 0.0, -9.81), soil_laws(*of_grains))
    sand, metal = builder.add_material(dem.Material(2600.0, 1e7, 0.3)), builder.add_material(dem.Material.rigid())
    builder.set_pair(sand, sand, **grain_numbers(*of_grains))
    builder.set_pair(sand, metal, **dry_numbers(*of_grains, sliding_friction=0.8))
    builder.add_particles([[0.0, 0.0, 0.01]], 0.01, sand)
    builder.add_plane((0, 0, 0), (0, 0, 1), metal)
    return builder.finalize()


def test_every_law_is_in_the_catalog_by_its_name_in_words():
    listed = {law for laws in CATALOG.values() for law in laws.values()}
    assert set(classes(Part)) == listed
    for role, laws in CATALOG.items():
        for name, law in laws.items():
            assert issubclass(law, KINDS[role])
            words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", law.__name__).lower()
            assert name == words


def test_every_number_beyond_the_soils_has_an_example():
    numbers = {text.partition("=")[0].rpartition(".")[2] for names in COMPOSED for text in needed_by(**names)}
    assert numbers - set(CATALOG) == set(EXAMPLES) - {"tangential_stiffness"}


def test_a_tangential_stiffness_of_its_own_may_go_with_hertz():
    own = ["contact.options.tangential.stiffness_ratio=null", "contact.numbers.tangential_stiffness=3e4"]
    assert "tangential_stiffness" in build(load_config(["contact.tangential=linear_tangential", *own])).pairs[0, 0]


@pytest.mark.parametrize(("role", "name"), LISTED)
def test_every_law_can_be_chosen_and_builds(role, name):
    springs = {"walton_braun": {"tangential": "linear_tangential"}, "linear_tangential": {"normal": "linear_spring"}}
    config = load_config(needed_by(**springs.get(name, {}), **{role: name}))
    assert isinstance(getattr(build(config).contact, role), CATALOG[role][name])


def test_all_combinations_build():
    soil = load_config([]).soil
    for names in COMPOSED:
        given = [text.removeprefix("contact.numbers.").split("=") for text in needed_by(**names) if "numbers" in text]
        contact = ContactSpec(**names, numbers={name: float(value) for name, value in given})
        laws = soil_laws(soil, contact, 0.01)
        assert laws.pair_numbers == set(grain_numbers(soil, contact, 0.01))
        assert laws.pair_numbers == set(dry_numbers(soil, contact, 0.01))
        assert all(dry_numbers(soil, contact, 0.01)[name] == 0.0 for name in laws.cohesion.pair_numbers)


@pytest.mark.parametrize("choice", list_choices()["contact"])
def test_choices_build(choice):
    build(load_config([f"contact={choice}"]))


def test_the_usual_laws_are_those_of_the_engine():
    config = load_config([])
    assert config.contact == ContactSpec()
    assert build(config).contact == dem.ContactLaws()
    assert config.soil.calibration is not None
    assert load_config(["contact=linear_spring"]).soil.calibration is None  # which no soil is calibrated for


def test_options_reach_the_law():
    config = load_config(
        ["contact.options.tangential.sliding=spring_capped", "contact.options.normal={clamp_tension:true}"]
    )
    laws = build(config).contact
    assert (laws.tangential.sliding, laws.normal.clamp_tension) == ("spring_capped", True)
    coarse, fine = (soil_laws(load_config(needed_by(cohesion="regolith_cohesion")).soil, ContactSpec(
        cohesion="regolith_cohesion", numbers={"bond_number": 10}), diameter).cohesion for diameter in (0.02, 0.01)
    )  # fmt: skip
    assert coarse.grain_weight == pytest.approx(8 * fine.grain_weight)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_reads_the_laws(name):
    assert "contact" in scenario_spec(name).reads


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["contact.normal=spring"], "contact.normal is 'spring', must be one of hertz, linear_spring, walton_braun"),
        (["contact.rolling=null"], "contact.rolling is null, must be a word"),
        (["contact.normal=linear_spring"], "contact.numbers.normal_stiffness is missing, which contact.normal="),
        (["contact.numbers.normal_stiffness=1e5"], "but none of the laws chosen reads normal_stiffness; drop it"),
        (["contact.numbers.normal_stifness=1e5"], "did you mean normal_stiffness"),
        (["contact.numbers.restitution=0.5"], "drop it and set soil.restitution"),
        (["contact=linear_spring", "contact.numbers.normal_stiffness=-1"], "normal_stiffness is -1, must lie in"),
        (["contact=linear_spring", "contact.numbers.normal_stiffness=x"], "is 'x', must be a finite number; give"),
        (["contact.numbers=5"], "contact.numbers is 5, must be values by name"),
        (["contact.options.normal.clamp=true"], "contact.options.normal.clamp is given, but Hertz has clamp_tension"),
        (["contact.options.normal.damping=3"], "contact.options.normal.damping is 3, must be a word; give one"),
        (["contact.options.normal.damping=a"], "contact.options.normal.damping is 'a', must be one of closed_form"),
        (
            ["contact=linear_spring", "contact.options.tangential.sliding=dashpot_off"],
            "contact.options.tangential.sliding is 'dashpot_off', by which LinearTangential gains energy",
        ),
        (["contact.tangential=linear_tangential"], "by which it gains energy on hertz, whose stiffness varies; take"),
        (["contact=walton_braun", "contact.tangential=mindlin"], "which gains energy on walton_braun in oblique hits"),
        (["contact.options.twisting.x=1"], "contact.options.twisting is given, but contact.twisting is none; drop it"),
        (["contact.options.sliding=1"], "contact.options.sliding is given, must be of one of normal, tangential"),
        (["contact=linear_spring", "contact.cohesion=jkr"], "contact.cohesion is JKR, which rests on Hertz"),
        (["contact=jkr", "soil.grain_cohesion=250"], "but soil.grain_cohesion is 250 Pa, which only auto reads; set"),
        (["contact=walton_braun", "soil.wheel_restitution=0.01"], "soil.wheel_restitution is 0.01, must be at least"),
    ],
)
def test_mistakes_are_told_in_a_sentence(overrides, said):
    with pytest.raises(dem.ConfigError, match=re.escape(said)) as told:
        load_config(overrides)
    assert "\n" not in str(told.value)
