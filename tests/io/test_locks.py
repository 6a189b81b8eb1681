"""A file is locked once; on a file system without locks work goes on."""

import errno
import fcntl
import logging

import pytest

from dem.io import locks
from dem.io.locks import take_lock


def test_a_locked_file_is_not_locked_again(tmp_path):
    with (tmp_path / "a.lock").open("w") as one, (tmp_path / "a.lock").open("w") as other:
        assert take_lock(one)
        assert not take_lock(other, waits=False)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_work_goes_on_without_locks_and_says_so_once(tmp_path, monkeypatch, caplog, number):
    def refuse(file, operation):
        raise OSError(number, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    locks._tell.cache_clear()
    with caplog.at_level(logging.WARNING), (tmp_path / "a.lock").open("w") as file:
        assert take_lock(file)
        assert take_lock(file, waits=False)
    assert caplog.text.count("going on without") == 1


def test_any_other_fault_is_one(tmp_path, monkeypatch):
    def fail(file, operation):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(fcntl, "flock", fail)
    with (tmp_path / "a.lock").open("w") as file, pytest.raises(OSError, match="Input/output"):
        take_lock(file)
