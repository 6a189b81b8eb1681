"""The library of soils: pedigrees that check themselves, the soils verb, and what it exports."""

import csv
import io
import json
import math

import pytest

import dem.cli
from dem.config import list_choices, load_config
from dem.errors import ConfigError
from dem.launch.soil_file import write_soil
from dem.launch.soils import export, load_soil
from dem.soil.export import CHRONO, sets_of
from dem.soil.provenance import CalibratedTarget, Calibration, ParameterSet, Spread
from dem.soil.spec import SoilSpec

SOILS = list_choices()["soil"]
SPHERES = (0.55, 0.645)  # loosest and densest random packings of rough and smooth spheres


def record(measured=33.9):
    """A calibration record as `drawbar calibrate` makes it."""
    targets = {
        "friction_angle_peak_deg": CalibratedTarget(33.4, measured, 0.4, 1.0, "deg"),
        "bulk_density": CalibratedTarget(1670.0, 1675.0, None, 16.7, "kg/m3"),
    }
    spreads = {"sliding_friction": Spread(0.2, 0.5)}
    return Calibration("direct_shear", targets, 0.005, [4, 5, 6], 20, "2026-01-01", "0.1.0", "abc", [], spreads)


def written(folder, soil, measured=33.9):
    """What is read back of a calibrated soil's file, as Hydra would read it."""
    from omegaconf import OmegaConf

    path = write_soil(folder / "soil.yaml", soil, record(measured), ["sliding_friction"])
    merged = OmegaConf.merge(OmegaConf.structured(SoilSpec), OmegaConf.load(path))
    return OmegaConf.to_object(merged), path.read_text()


@pytest.mark.parametrize("name", SOILS)
def test_soil_says_what_it_is_and_where_that_comes_from(name):
    soil = load_soil(name)
    numbers = {key for key, value in vars(soil).items() if isinstance(value, int | float)}
    assert numbers - {"grain_cohesion"} == set(soil.sources)  # dry by default
    assert soil.internal_friction_angle_deg is not None
    assert SPHERES[0] <= soil.bulk_density / soil.particle_density <= SPHERES[1]
    assert all(one.source for one in soil.parameter_sets.values())


def test_states_of_grc1_differ_in_density_and_strength_alone():
    states = [load_soil(f"grc1_{density}") for density in (1600, 1670, 1760, 1800)]
    assert [state.bulk_density for state in states] == [1600.0, 1670.0, 1760.0, 1800.0]
    assert [state.internal_friction_angle_deg for state in states] == [29.8, 33.4, 38.4, 42.4]
    assert len({state.particle_density for state in states}) == 1
    same = vars(load_soil("grc1_1760")) | {"name": "grc1"}
    assert same == vars(load_soil("grc1"))


def test_both_public_sets_of_grc1_are_kept():
    sets = load_soil("grc1").parameter_sets
    assert (sets["slope_scm"].internal_friction_angle_deg, sets["slope_scm"].cohesion) == (21.0, 1587.0)
    assert (sets["oravec_2010"].internal_friction_angle_deg, sets["oravec_2010"].cohesion) == (38.0, 250.0)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ParameterSet("a paper", "sure"), "confidence is 'sure'"),
        (lambda: ParameterSet("a paper", "low"), "holds no number"),
        (lambda: ParameterSet("", "low", cohesion=1.0), "source is empty"),
        (lambda: ParameterSet("a paper", "low", sinkage_exponent=-1.0), "sinkage_exponent is -1.0"),
        (lambda: ParameterSet("a paper", "low", cohesion=-1.0), "cohesion is -1.0"),
        (lambda: CalibratedTarget(1.0, 1.0, -0.1, 1.0, "-"), "standard_error is -0.1"),
        (lambda: CalibratedTarget(1.0, math.nan, 0.1, 1.0, "-"), "measured is nan"),
        (lambda: Spread(2.0, 1.0), "low is 2.0"),
        (lambda: Calibration("direct_shear", {}, 0.005, [1], 3, "", "", ""), "targets is empty"),
    ],
)
def test_pedigree_checks_itself(make, said):
    with pytest.raises(ConfigError, match=said):
        make()


def test_changed_grains_are_no_longer_calibrated(tmp_path, monkeypatch):
    import dem.config

    conf = tmp_path / "conf"
    for path in dem.config.config_folder().rglob("*.yaml"):
        copy = conf / path.relative_to(dem.config.config_folder())
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text())
    write_soil(conf / "soil" / "grc1.yaml", load_soil("grc1"), record(), ["sliding_friction"])
    monkeypatch.setattr(dem.config, "config_folder", lambda: conf)
    assert load_config([]).soil.calibration.is_met
    assert load_config(["gravity=mars"]).soil.calibration is not None
    assert load_config(["soil.sliding_friction=0.4"]).soil.calibration is None


def test_soil_file_reads_back(tmp_path):
    soil = load_soil("grc1")
    again, text = written(tmp_path, soil)
    assert again.calibration == record()
    assert again.parameter_sets == soil.parameter_sets
    assert again.sources["sliding_friction"].source.startswith("calibrated by scenario=direct_shear")
    assert again.sources["restitution"] == soil.sources["restitution"]
    assert "targets met" in text.splitlines()[0]
    assert "NOT all met" in written(tmp_path, soil, measured=36.0)[1].splitlines()[0]


def test_library_and_soil_are_printed(capsys):
    assert dem.cli.main(["soils"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in SOILS)
    assert "38.4 (m)" in listed
    assert dem.cli.main(["soils", "grc1"]) == 0
    shown = capsys.readouterr().out
    assert "Oravec 2010" in shown
    assert "bevameter-style" in shown


def test_calibration_record_is_printed(tmp_path, monkeypatch, capsys):
    soil, _ = written(tmp_path, load_soil("grc1"))
    monkeypatch.setattr("dem.launch.soils.load_soil", lambda name: soil)
    assert dem.cli.main(["soils", "grc1"]) == 0
    shown = capsys.readouterr().out
    assert "33.9 +- 0.4" in shown
    assert "20 trials" in shown
    assert sets_of(soil)["measured"].internal_friction_angle_deg == 33.9


def test_wrong_name_is_one_sentence(capsys):
    assert dem.cli.main(["soils", "grc2"]) == 2
    assert "did you mean grc" in capsys.readouterr().err
    assert dem.cli.main(["soils", "grc1", "--output", "x"]) == 2


@pytest.mark.parametrize("name", ["grc1", "toyoura", "mms"])
def test_json_reads_back(name):
    soil = load_soil(name)
    read = json.loads(export([soil], "json"))
    assert {key: ParameterSet(**entry) for key, entry in read["sets"].items()} == sets_of(soil)


def test_chrono_takes_its_own_names_and_units():
    read = json.loads(export([load_soil("grc1")], "chrono"))
    numbers = read["sets"]["slope_scm"]
    assert [numbers[name] for name in list(CHRONO)[:6]] == [2.99e6, -2.02e5, 1.27, 1587.0, 21.0, 0.0184]
    assert numbers["unknown"] == ["elastic_K", "damping_R"]
    assert read["sets"].keys() == {"slope_scm", "oravec_2010"}


def test_tables_hold_every_set(tmp_path, capsys):
    path = tmp_path / "deep" / "soils.csv"
    assert dem.cli.main(["soils", "--export", "csv", "--output", str(path)]) == 0
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert {row["soil"] for row in rows} == set(SOILS)
    (fit,) = [row for row in rows if row["soil"] == "grc1" and row["set"] == "slope_scm"]
    assert float(fit["cohesive_modulus [N/m^(n+1)]"]) == -2.02e5
    assert dem.cli.main(["soils", "grc3", "--export", "markdown"]) == 0
    assert "| grc3 | he_2013 | 0.9 | 1000 |" in capsys.readouterr().out
    assert "-202000" in export([load_soil("grc1")], "table")
