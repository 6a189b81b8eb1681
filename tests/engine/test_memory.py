"""Fields as the host sees them: in place on a CPU, and through Taichi elsewhere, are the same numbers."""

from ctypes import memmove as move

import numpy as np
import pytest

import dem
from dem import cuda_memory, memory
from dem.backend import (
    integer_field,
    integer_vectors,
    place_together,
    position_vectors,
    real_field,
    real_vectors,
    record,
    record_field,
    ti,
)
from dem.memory import fill, read, write

KINDS = {
    "scalar": lambda: real_field(()),
    "integers": lambda: integer_field(7),
    "vectors": lambda: position_vectors(5),
    "square": lambda: integer_field((3, 4)),
    "square of vectors": lambda: position_vectors((4, 3), 6),
    "cube": lambda: real_field((2, 3, 4)),
    "flags": lambda: integer_vectors(3, 6),
}


@pytest.fixture(params=["mixed", "double"])
def session(request):
    with dem.start("cpu", request.param, 1) as running:
        yield running


@pytest.fixture(params=["in place", "by kernels", "by address"])
def way(request, monkeypatch):
    """How the host reaches fields; by address as on CUDA, with this process's memory in place of the device's."""
    monkeypatch.setattr(memory, "is_in_place", lambda: request.param == "in place")
    monkeypatch.setattr(memory, "has_addresses", lambda: request.param == "by address")
    monkeypatch.setattr(cuda_memory, "is_on_device", lambda address: True)
    monkeypatch.setattr(cuda_memory, "copy_to_device", lambda to, array: move(to, array.ctypes.data, array.nbytes))
    monkeypatch.setattr(cuda_memory, "copy_from_device", lambda array, of: move(array.ctypes.data, of, array.nbytes))


def numbers(field):
    shape = field.to_numpy().shape
    return np.arange(1, 1 + np.prod(shape, dtype=int)).reshape(shape)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_in_the_field(session, way, kind):
    before, field, after = real_vectors(3), KINDS[kind](), integer_field(3)
    write(field, numbers(field))
    assert np.array_equal(field.to_numpy(), numbers(field))
    assert np.array_equal(read(field), numbers(field))
    assert read(field).dtype == field.to_numpy().dtype
    fill(field, 0)
    assert not field.to_numpy().any()
    assert not before.to_numpy().any()
    assert not after.to_numpy().any()


def test_fields_laid_out_as_records(session, way):
    first, second, third = real_vectors(None), real_field(None), integer_field(None)
    place_together(6, first, second, third)
    table = record_field(record(weight=float, push="vector"), (2, 3))
    fields = [first, second, third, table.get_member_field("weight"), table.get_member_field("push")]
    for field in fields:
        write(field, numbers(field))
    for field in fields:
        assert np.array_equal(field.to_numpy(), numbers(field))
        assert np.array_equal(read(field), numbers(field))


def test_rows(session, way):
    field, flat = position_vectors(6), integer_field(6)
    write(field, numbers(field))
    write(flat, [5, 4, 3, 2, 1, 0])
    for rows in (slice(2, 4), np.array([4, 0, 4]), np.array([], int), 3):
        assert np.array_equal(read(field, rows), numbers(field)[rows])
        assert np.array_equal(read(flat, rows), np.arange(6)[::-1][rows])
    write(field, [[-1.0, -2.0, -3.0]])  # the head alone
    write(field, 0.5, slice(3, 5))
    assert np.array_equal(read(field)[:, 0], [-1.0, 4.0, 7.0, 0.5, 0.5, 16.0])


def test_what_was_read_is_a_copy(session, way):
    field = real_field(4)
    found = read(field)
    write(field, np.ones(4))
    found[0] = 7.0
    assert np.array_equal(read(field), np.ones(4))
    assert not found[1:].any()


def test_kernels_see_it_and_it_sees_them(session, way):
    field = integer_field(1000)

    @ti.kernel
    def double():
        for k in field:
            field[k] *= 2

    write(field, np.arange(1000))
    double()
    assert np.array_equal(read(field), 2 * np.arange(1000))


def test_too_many_numbers_are_rejected(session, way):
    with pytest.raises(ValueError, match="broadcast"):
        write(real_field(3), np.zeros(4))


def test_rows_are_read_and_written_by_number_and_by_slice(session, way):
    first, second = real_vectors(None), real_field(None)
    place_together(6, first, second)
    alone = integer_field(6)
    for field in (first, second, alone):
        expected = numbers(field)
        write(field, expected)
        for rows in (slice(2, 5), slice(3, 3), slice(0, 6, 2), np.array([4, 1]), np.array([], int), 3):
            np.testing.assert_array_equal(read(field, rows), expected[rows])
            write(field, -expected[rows], rows)
            expected[rows] = -expected[rows]
            np.testing.assert_array_equal(read(field), expected)
