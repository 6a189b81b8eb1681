"""The pages say what the code does: choices, commands, keys, paths and links in *.md are those that exist.

Nothing is simulated: commands are parsed and their configs composed.
"""

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dem.cli import _make_parser
from dem.config import build_config, compose_config, list_choices, make_catalog
from dem.launch.calibration_plan import plan_calibration
from dem.launch.cases import expand_cases
from dem.shapes.mesh import TriangleMesh
from dem.study.findings import FINDINGS
from scenarios import SCENARIOS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), *(page for folder in ("dem", "docs", "outputs") for page in (ROOT / folder).rglob("*.md"))]
)
CONFIGURATION = (DOCS / "configuration.md").read_text()
STUDIES = (DOCS / "studies.md").read_text()
WITH_OVERRIDES = ("run", "sweep", "calibrate", "plan-earth-test", "wheels")
OWN_OPTIONS = ("run", "verify", "bench")  # options that Hydra reads, or that need the engine
CATALOGS = [make_catalog([f"scenario={name}"]) for name in SCENARIOS]


def fenced(text: str) -> Iterator[str]:
    """Commands in fenced blocks of shell, lines that go on joined."""
    for block in re.findall(r"^```(?:bash)?\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("drawbar "):
                yield line


def commands() -> list[tuple[str, ...]]:
    """The words of each `drawbar` command of all pages, each once."""
    lines = [line for page in PAGES for line in fenced(page.read_text())]
    return sorted({tuple(shlex.split(line, comments=True)[1:]) for line in lines})


def verbs() -> list[str]:
    parser = _make_parser([])
    return list(next(entry for entry in parser._actions if isinstance(entry, argparse._SubParsersAction)).choices)


def table_row(text: str, name: str) -> list[str]:
    """The cells of a row of a table, by the name in its first cell."""
    return next(line for line in text.splitlines() if line.startswith(f"| `{name}`")).strip("| ").split(" | ")


def coded(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def first_column(text: str, heading: str) -> set[str]:
    """The names in the first column of the table whose head begins so."""
    _, _, rest = text.partition(f"\n| {heading} |")
    rows = rest.split("\n\n")[0].splitlines()[2:]
    return {name for row in rows for name in coded(row.split(" | ")[0])}


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@pytest.mark.parametrize("group", list_choices())
def test_each_choice_of_a_group_is_listed(group):
    assert sorted(coded(table_row(CONFIGURATION, group)[-1])) == list_choices()[group]


def test_each_scenario_is_listed():
    assert sorted(coded(table_row(CONFIGURATION, "scenario")[-1])) == sorted(SCENARIOS)


@pytest.mark.parametrize(
    ("page", "heading", "group"),
    [
        ("configuration", "`similitude` | what is run", "similitude"),
        ("devices", "`device`", "device"),
        ("studies", "`launcher=`", "launcher"),
        ("studies", "`experiment=`", "experiment"),
        ("soils", "soil", "soil"),
    ],
)
def test_tables_of_choices_are_complete(page, heading, group):
    assert sorted(first_column((DOCS / f"{page}.md").read_text(), heading)) == list_choices()[group]


def test_each_soil_test_has_its_section():
    page = (DOCS / "soil_lab.md").read_text()
    others = {"single_wheel", "rover_drive", "prepare_bed"}
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert sorted(re.findall(r"`scenario=(\w+)`", " ".join(headings))) == sorted(set(SCENARIOS) - others)


def test_each_finding_is_named():
    sentence = re.search(r"`study.finding` is one of .*?;", STUDIES, re.DOTALL)
    assert set(coded(sentence.group())) >= set(FINDINGS)


@pytest.mark.parametrize("verb", verbs())
def test_each_verb_is_in_the_readme(verb):
    assert f"drawbar {verb}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_commands_are_understood(words, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    verb = words[0]
    assert verb in verbs()
    if "--config-dir" in words:  # taken before any verb sees its options
        place = words.index("--config-dir")
        words = [*words[:place], *words[place + 2 :]]
    if verb not in OWN_OPTIONS:
        _, rest = _make_parser(list(words)).parse_known_args(words)
        assert not [word for word in rest if word.startswith("-")]
    if verb in WITH_OVERRIDES and "--help" not in words:
        make_files(tmp_path)
        compose(verb, [word for word in words if re.match(r"[a-z@_][\w.@/]*=", word)])


def make_files(folder: Path) -> None:
    """Files that commands name: a wheel of CAD and heights of a terrain."""
    corners = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    TriangleMesh(corners, np.array([[0, 1, 2]])).to_file(folder / "wheel.stl")
    np.save(folder / "terrain.npy", np.zeros((4, 4)))


def compose(verb: str, overrides: list[str]) -> None:
    """Compose and validate what a command configures; of lists the first values and the last."""
    if verb == "calibrate":
        plan_calibration(overrides, None, 20, 1, 60.0)
        return
    cases = expand_cases(overrides) if verb == "sweep" else [overrides]
    for case in (cases[0], cases[-1])[: len(cases)]:
        build_config(compose_config(case), case)


def is_key(catalog, path, name):
    """Whether a group or a part of it has a key; under a mapping, such as `contact.options`, any name is one."""
    group, _, mapping = path.partition(".")
    is_open = mapping and catalog.spec_at(group) and mapping.split(".")[0] in catalog.keys(group)
    return name in catalog.keys(path) or bool(is_open and catalog.is_mapping(group, mapping.split(".")[0]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_keys_exist(page):
    """Keys in running text, such as `solver.skin`, with a value or without."""
    for text in coded(re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)):
        for key in re.findall(r"(?<![\w./@])([a-z]+(?:\.[a-z_0-9]+)+)(?==|$)", text):
            path, _, name = key.rpartition(".")
            if path.split(".")[0] in CATALOGS[0].choices and name not in ("yaml", "png", "py"):
                assert any(is_key(catalog, path, name) for catalog in CATALOGS), f"{key} is no key"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_exist(page):
    """Files and folders of the checkout that are named in full; on the page of the architecture also within dem/."""
    tops = r"(?:dem|docs|scenarios|conf|tests|benchmarks)/"
    for text in coded(page.read_text()):
        if re.search(r"NAME|mine|tow|wheel\.stl|outputs", text):
            continue
        if re.fullmatch(rf"{tops}[\w/.]*", text):
            assert (ROOT / text).exists(), f"{text} is not there"
        elif page.parent.name == "dem" and re.fullmatch(r"[\w/]+(\.py|/)", text):
            assert any(next((ROOT / top).rglob(text.rstrip("/")), None) for top in ("dem", "scenarios", "tests")), text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        file = page.parent / place if place else page
        assert file.exists(), f"{target} is not there"
        if anchor:
            assert anchor in map(slug, re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)), (
                f"{target} has no heading"
            )
