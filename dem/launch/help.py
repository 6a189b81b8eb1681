"""The part of `drawbar run --help` that comes from `conf/`: groups, choices, keys, one line each."""

import inspect
import re
from collections.abc import Iterator

from dem.config import default_choices, list_choices, make_catalog
from dem.config_errors import Catalog

EXAMPLES = {
    "run": """\
  drawbar run gravity=mars wheel=curiosity
  drawbar run gravity=moon wheel=viper soil=grc1 bed=coarse scenario.mode=slip scenario.slip=0.2 device=cpu
  drawbar run scenario.mode=slope gravity=moon gravity.slope_deg=10
  drawbar run scenario.mode=pull scenario.pull=20 hydra.run.dir=outputs/pull
  drawbar run gravity=custom gravity.vector=[0,0,-3.0]
  drawbar run bed=smoke --cfg job        print the config and run nothing""",
    "sweep": """\
  drawbar sweep experiment=slip_curve
  drawbar sweep scenario.slip=0,0.2,0.5 gravity=moon,earth bed=coarse
  drawbar sweep 'scenario.slip=range(0,1,0.2)' --jobs 2 --timeout 3600 --study outputs/slip
  drawbar sweep experiment=slip_curve repeats=3              every point on three beds
  drawbar sweep experiment=slip_curve launcher=slurm         each case a job of a cluster""",
}


def describe_groups() -> str:
    """Return one line a group: its choices, the default in brackets."""
    defaults = default_choices()
    lines = []
    for group, choices in list_choices().items():
        names = " ".join(f"[{name}]" if name == defaults.get(group) else name for name in choices)
        lines.append(f"  {group + '=':12}{names}")
    return "\n".join(lines)


def describe_keys() -> str:
    """Return one line a key, explained by its spec's docstring."""
    catalog = make_catalog()
    return "\n".join(line for group in catalog.specs if group for line in _key_lines(catalog, group))


def _key_lines(catalog: Catalog, path: str) -> Iterator[str]:
    """The keys of a group, or of a spec in it; parts that are specs themselves are entered."""
    meanings = _attributes(catalog.spec_at(path))
    for name in catalog.keys(path):
        if catalog.spec_at(f"{path}.{name}"):
            yield from _key_lines(catalog, f"{path}.{name}")
        elif name not in ("name", "sources"):
            yield f"  {f'{path}.{name}':38}{meanings.get(name, '')}"


def describe_run() -> str:
    """Return what follows the options in `drawbar run --help`."""
    return (
        f"config groups (choose with group=choice; [default]):\n{describe_groups()}\n\n"
        f"keys (set with group.key=value):\n{describe_keys()}\n\n"
        f"examples:\n{EXAMPLES['run']}\n\n"
        "The run folder is outputs/<scenario>/<date>_<time>, or what hydra.run.dir=... says. "
        "Hydra's own flags (--cfg, --info) pass through; -m is drawbar sweep."
    )


def _attributes(spec: type | None) -> dict[str, str]:
    """Return the lines of the `Attributes:` section of a docstring."""
    return dict(re.findall(r"^    (\w+): (.*)$", inspect.getdoc(spec) or "", flags=re.MULTILINE))
