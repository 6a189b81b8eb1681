"""Every field of every record lies in memory of its own, on the device at hand: as the host sees it, and as kernels do.

All are filled with numbers that differ before any is read, so that a field which lies over another is found out.
"""

from typing import Any

import numpy as np
import pytest

import dem
from dem.backend import array_type, integer_field, ti
from dem.diagnostics.health import Health
from dem.memory import read, write
from dem.solver import DeviceContext
from dem.worlds import Worlds

STEP = 4096  # between the numbers of one field and of the next: all are below 2^24, and so exact in 32 bits
FINE = 2.0**-28  # times the field's number is added in 64 bits


def model_of_everything(count: int) -> dem.Model:
    """Two materials, two sizes, a mesh, a wheel and a plane, periodic, with a neck to the cohesion."""
    contact = dem.ContactLaws(cohesion=dem.JKR(), twisting=dem.MarshallTwisting())
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -9.81), contact=contact)
    first, second = (builder.add_material(dem.Material(2500, modulus, 0.3)) for modulus in (1e7, 2e7))
    for pair in ((first, first), (first, second), (second, second)):
        builder.set_pair(*pair, restitution=0.5, sliding_friction=0.3, rolling_friction=0.1, surface_energy=0.1)
    place = np.stack(np.unravel_index(np.arange(count), (3, 3, 3)), axis=1) * 0.011
    builder.add_particles(place, np.where(np.arange(count) % 2, 0.005, 0.002), first)
    builder.add_plane((0, 0, -0.02), (0, 0, 1), first)
    wheel = builder.add_body("wheel", 1.0, (1, 1, 1), (0.0, 0.0, 0.1))
    builder.add_shape(dem.GrouserWheel(0.03, 0.02, 0.003, 0.002, 7), second, wheel)
    corners = np.array([[0, 0, -0.01], [0.05, 0, -0.01], [0, 0.05, -0.01], [0.05, 0.05, -0.01]])
    builder.add_shape(dem.TriangleMesh(corners, np.array([[0, 1, 2], [1, 3, 2]])), first)
    builder.set_domain((-0.1, -0.1, -1.0), (0.1, 0.1, 1.0), periodic=(True, True, False))
    return builder.finalize()


def fields_of(record: Any, path: str = "", seen: set[int] | None = None) -> dict[str, ti.Field]:
    """All fields in a record and the records in it, by where they are."""
    seen = set() if seen is None else seen
    found = {}
    for name, value in vars(record).items():
        place = f"{path}.{name}"
        if isinstance(value, ti.StructField):
            found |= {f"{place}.{member}": value.get_member_field(member) for member in value.keys}
        elif isinstance(value, ti.Field):
            found[place] = value
        elif type(value).__module__.startswith("dem.") and hasattr(value, "__dict__") and id(value) not in seen:
            seen.add(id(value))
            found |= fields_of(value, place, seen)
    return found


def numbers_of(field: ti.Field, number: int) -> np.ndarray:
    """What the field with this number is filled with."""
    shape = (*field.shape, field.n) if isinstance(field, ti.MatrixField) else field.shape
    values = STEP * (number + 1) + np.arange(np.prod(shape, dtype=int)).reshape(shape) % STEP
    kind = array_type(field)
    return (values + (number * FINE if kind is np.float64 else 0.0)).astype(kind)


@ti.func
def number_at(field: ti.template(), number: ti.template(), place, component):
    """The same in a kernel."""
    entry = 0
    for axis in ti.static(range(place.n)):
        entry = entry * field.shape[axis] + place[axis]
    value = ti.cast(STEP * (number + 1) + (entry * ti.static(getattr(field, "n", 1)) + component) % STEP, field.dtype)
    if ti.static(field.dtype == ti.f64):
        value += ti.cast(number, ti.f64) * FINE
    return value


def fill_on_device(fields: list[ti.Field], shift: int) -> None:
    count = len(fields)

    @ti.kernel
    def _fill_fields():
        for k in ti.static(range(count)):
            for place in ti.grouped(fields[k]):
                if ti.static(isinstance(fields[k], ti.MatrixField)):
                    for axis in ti.static(range(fields[k].n)):
                        fields[k][place][axis] = number_at(fields[k], k + shift, place, axis)
                else:
                    fields[k][place] = number_at(fields[k], k + shift, place, 0)

    _fill_fields()


def wrong_on_device(fields: list[ti.Field], shift: int) -> np.ndarray:
    """How many numbers of each field a kernel finds wrong."""
    count = len(fields)
    wrong = integer_field(count)

    @ti.kernel
    def _check_fields():
        for k in ti.static(range(count)):
            for place in ti.grouped(fields[k]):
                if ti.static(isinstance(fields[k], ti.MatrixField)):
                    for axis in ti.static(range(fields[k].n)):
                        if fields[k][place][axis] != number_at(fields[k], k + shift, place, axis):
                            ti.atomic_add(wrong[k], 1)
                elif fields[k][place] != number_at(fields[k], k + shift, place, 0):
                    ti.atomic_add(wrong[k], 1)

    _check_fields()
    return read(wrong)


@pytest.mark.parametrize("precision", ["mixed", "double", pytest.param("single", marks=pytest.mark.slow)])
def test_no_field_lies_over_another(precision, device):
    with dem.start(device, precision, threads=1):
        worlds = Worlds([model_of_everything(13), model_of_everything(8)])
        context = DeviceContext(worlds, 0.001, track_energy=True)
        parts = {
            "state": context.state,
            "tables": context.tables,
            "grid": context.grid,
            "health": Health(context.state),
        }
        named = {place: field for name, part in parts.items() for place, field in fields_of(part, name).items()}
        fields = list(named.values())
        assert len(fields) > 100
        assert {"tables.laws.cohesion.table.length_factor", "state.contacts.energy_tally"} <= set(named)
        for number, field in enumerate(fields):
            write(field, numbers_of(field, number), ...)
        expected = {place: numbers_of(field, number) for number, (place, field) in enumerate(named.items())}
        assert [place for place, field in named.items() if not np.array_equal(read(field), expected[place])] == []
        assert wrong_on_device(fields, 0).tolist() == [0] * len(fields)
        fill_on_device(fields, 1)
        expected = {place: numbers_of(field, number + 1) for number, (place, field) in enumerate(named.items())}
        assert [place for place, field in named.items() if not np.array_equal(read(field), expected[place])] == []
