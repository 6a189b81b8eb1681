"""Pictures of rovers, and the single-wheel rig as a model file."""

import numpy as np
import pytest

from dem.cli import main
from dem.config import load_config
from dem.rover.vehicle import Vehicle
from dem.viz.offscreen import has_display, has_egl


@pytest.mark.skipif(not (has_display() or has_egl()), reason="cannot draw here")
def test_a_picture_shows_the_rover(tmp_path, capsys):
    from PIL import Image

    assert main(["rovers", "rashid1", "--pictures", str(tmp_path / "pictures")]) == 0
    path = tmp_path / "pictures" / "rashid1.png"
    assert str(path) in capsys.readouterr().out
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("L"), float)
    assert pixels.shape == (720, 1280)
    middle, edges = pixels[200:600, 300:980], pixels[100:, [0, -1]]
    assert middle.std() > 15  # the rover; its grey wheels stand out from the ground
    assert edges.min() > 120  # which reaches beyond it


def test_the_rig_is_a_wheel_that_slides_and_sinks_freely():
    config = load_config(["scenario=rover_drive", "rover=rig"])
    vehicle = Vehicle(config.rover, config.wheel.radius, config.wheel.width)
    assert vehicle.mass == pytest.approx(config.wheel.load_mass)
    vehicle.place(0.0, 0.0, 1.0)
    vehicle.set_gravity(np.array([0.0, 0.0, -1.62]))
    push = np.array([[11.0, 50.0, 0.0, 30.0, 0.0, 30.0]])  # along x; across and about x and z it is held
    for _ in range(100):
        vehicle.advance(1e-3, push)
    place, turn = vehicle.wheel_poses()
    assert place[0] == pytest.approx([11.0 / 110 * 0.01 / 2, 0.0, 1.0 - 1.62 * 0.01 / 2], abs=1e-4)
    assert turn[0] == pytest.approx([1.0, 0.0, 0.0, 0.0], abs=1e-9)
