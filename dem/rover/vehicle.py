"""A rover's multibody side: MuJoCo integrates body, suspension, steering and motors; the soil is drawbar's.

MuJoCo's own contacts are off. What the soil does to each wheel comes in as a wrench, what the wheels do goes out as
poses. Motors are servos of speed, steering ones of angle, with limits of torque and power.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np

from dem.errors import ConfigError, NumericalError
from dem.rover.chassis import write_chassis
from dem.rover.model_file import compile_model, load_mujoco, parse_model, read_model
from dem.rover.model_guard import is_urdf, without_unread_meshes
from dem.rover.rotations import conjugate, cross, multiply, rotation_onto
from dem.rover.rover_spec import RoverSpec
from dem.rover.vehicle_wheels import FIXED, VehicleWheel, find_wheels

LONGEST_STEP = 5e-4  # [s]; a differential of 2 ms, see chassis.py, bears four times that
FULL_TORQUE_ERROR = 0.05  # of the nominal spin: by which a wheel is late when its motor gives all it has
FULL_STEERING_ERROR = 0.02  # [rad]: likewise of a steering motor
STEERING_DAMPING = 0.02  # [s]: of the steering servo's stiffness
LOCKED = 100.0  # times a motor's stiffness: a locked wheel's; its torque has no limit, at which it would rattle
HOLDS = 1e12  # [N m]
SLUGGISH = 2.0  # steps in which a servo may not cross its own band: a motor's inertia behind its gear sees to it
LEFT = np.array([0.0, 1.0, 0.0])


class Vehicle:
    """A rover as a multibody model in MuJoCo.

    Args:
        rover: its spec.
        radius, width: of its wheels [m].

    Attributes:
        wheels: in the order of all arrays below.
        hubs: wheel to its middle in the rover's frame (x, y, z) [m], as the model stands.
        mass: of the whole [kg].
        remarks: what was dropped or let go of the model, in sentences.
        mujoco, model, data: MuJoCo's own, for tests and for those who know it.

    Raises:
        ConfigError: the model cannot be read, or cannot be driven.
    """

    def __init__(self, rover: RoverSpec, radius: float, width: float) -> None:
        self.rover, self.mujoco = rover, load_mujoco()
        self.remarks: list[str] = []
        path = rover.model_path if rover.suspension == "model" else None
        self.model, self.wheels = self._build(path, radius, width)
        self.data = self.mujoco.MjData(self.model)
        self.root = self._find_root()
        self.mass = float(self.model.body_subtreemass[self.root])
        self._drives, self._steerings = self._find_motors()
        self._bodies = np.array([wheel.body for wheel in self.wheels])
        self._signs = np.array([wheel.sign for wheel in self.wheels])
        self._dofs = np.array([self.model.jnt_dofadr[wheel.drive] for wheel in self.wheels])
        self._torque_limits = np.full(len(self.wheels), rover.motor_torque)
        self._power_limits = np.full(len(self.wheels), rover.motor_power or math.inf)
        self._alive = np.ones(len(self.wheels))
        self._gains = self.model.actuator_gainprm[self._drives, 0].copy()
        self._stand()

    def place(self, x: float, y: float, z: float) -> None:
        """Put the rover as it stands, the middle of its hubs at (x, y) and its lowest hub at height z [m]."""
        positions, _ = self.wheel_poses()
        middle = [*positions[:, :2].mean(axis=0), positions[:, 2].min()]
        shift = np.array([x, y, z]) - middle
        joint = self.model.body_jntadr[self.root]
        if self.model.jnt_type[joint] == self.mujoco.mjtJoint.mjJNT_FREE:
            start = self.model.jnt_qposadr[joint]
            self.data.qpos[start : start + 3] += shift
        else:
            self.model.body_pos[self.root] += shift
        self.mujoco.mj_forward(self.model, self.data)

    def set_gravity(self, gravity: np.ndarray) -> None:
        """Gravity from now on (3,) [m/s2]."""
        self.model.opt.gravity[:] = gravity

    def resist_motion(self, damping: float) -> None:
        """Resist the velocity of a free rover's body from now on, as a hoist does [N s/m]; 0 lets it go."""
        joint = self.model.body_jntadr[self.root]
        if self.model.jnt_type[joint] == self.mujoco.mjtJoint.mjJNT_FREE:
            start = self.model.jnt_dofadr[joint]
            self.model.dof_damping[start : start + 3] = damping

    def kill(self, names: list[str], locked: bool) -> None:
        """Turn motors off: locked as by a gear that cannot be driven back, or free."""
        for index, wheel in enumerate(self.wheels):
            if wheel.name in names:
                self._alive[index] = 0.0
                share, drive = LOCKED if locked else 0.0, self._drives[index]
                self._torque_limits[index], self._power_limits[index] = HOLDS if locked else 0.0, math.inf
                self.model.actuator_gainprm[drive] *= share
                self.model.actuator_biasprm[drive] *= share

    def command(self, angles: np.ndarray, spins: np.ndarray) -> None:
        """Steering angles (n,) [rad] and spins (n,) [rad/s] that the servos seek from now on."""
        self._drive(self._signs * spins * self._alive, self._gains, -self._gains)
        self._steer(angles)

    def push(self, angles: np.ndarray, torques: np.ndarray) -> None:
        """Steering angles (n,) [rad] that the servos seek, and torques (n,) [N m] that the motors give, from now on.

        Torque and power keep their limits; a wheel that is locked stays so.
        """
        self._drive(self._signs * torques * self._alive, np.ones_like(torques), np.zeros_like(torques))
        self._steer(angles)

    def _drive(self, controls: np.ndarray, gains: np.ndarray, damping: np.ndarray) -> None:
        live = self._alive > 0
        self.data.ctrl[self._drives] = controls
        self.model.actuator_gainprm[self._drives[live], 0] = gains[live]
        self.model.actuator_biasprm[self._drives[live], 2] = damping[live]

    def _steer(self, angles: np.ndarray) -> None:
        for index, wheel in enumerate(self.wheels):
            if self._steerings[index] is not None:
                self.data.ctrl[self._steerings[index]] = wheel.steering_sign * angles[index]

    def steer_at_once(self, angles: np.ndarray) -> None:
        """Turn the wheels to angles (n,) [rad] where they stand: before the rover comes down."""
        for wheel, angle in zip(self.wheels, angles, strict=True):
            if wheel.steering is not None:
                self.data.qpos[self.model.jnt_qposadr[wheel.steering]] = wheel.steering_sign * angle
        self.mujoco.mj_forward(self.model, self.data)

    def advance(self, duration: float, wrenches: np.ndarray) -> None:
        """Integrate over `duration` [s] under wrenches (n, 6) of the soil, about each wheel's middle [N, N m]."""
        data, bodies = self.data, self._bodies
        data.xfrc_applied[bodies] = wrenches
        # MuJoCo takes them about the centre of mass.
        data.xfrc_applied[bodies, 3:] += cross(data.xpos[bodies] - data.xipos[bodies], wrenches[:, :3])
        spins = np.abs(data.qvel[self._dofs])
        limits = np.minimum(self._torque_limits, self._power_limits / np.maximum(spins, 1e-9))
        self.model.actuator_forcerange[self._drives] = np.stack([-limits, limits], axis=1)
        count = max(math.ceil(duration / LONGEST_STEP - 1e-9), 1)
        self.model.opt.timestep = duration / count
        self.mujoco.mj_step(self.model, data, count)
        self.mujoco.mj_kinematics(self.model, data)  # a step leaves poses where it began
        if not np.isfinite(data.qacc).all():
            joint = self.model.joint(self.model.dof_jntid[np.isfinite(data.qacc).argmin()]).name
            raise NumericalError(
                f"joint {joint!r} of rover {self.rover.name!r} moves without bounds; give a shorter "
                "scenario.coupling_interval, or softer springs"
            )

    def wheel_poses(self) -> tuple[np.ndarray, np.ndarray]:
        """Middles (n, 3) [m] and orientations (n, 4) of drawbar's wheels, which turn about their y."""
        poses = self.data.xpos[self._bodies].copy(), self.data.xquat[self._bodies].copy()
        return poses[0], multiply(poses[1], self._wheel_frames)

    def body_pose(self) -> tuple[np.ndarray, np.ndarray]:
        """Position (3,) [m] of the rover's body and its turn (4,) since the model stood."""
        orientation = self.data.xquat[self.root].copy()
        return self.data.xpos[self.root].copy(), multiply(orientation, conjugate(self._body_frame))

    def center_velocity(self) -> np.ndarray:
        """Velocity of the centre of mass (3,) [m/s]."""
        self.mujoco.mj_comPos(self.model, self.data)
        self.mujoco.mj_comVel(self.model, self.data)
        self.mujoco.mj_subtreeVel(self.model, self.data)
        return self.data.subtree_linvel[self.root].copy()

    def angular_velocities(self) -> np.ndarray:
        """Angular velocities of the wheels on their axles (n,) [rad/s], positive when driving ahead."""
        return self._signs * self.data.qvel[self._dofs]

    def steering_angles(self) -> np.ndarray:
        """Steering angles of the wheels (n,) [rad], positive to the left."""
        addresses = [
            None if wheel.steering is None else self.model.jnt_qposadr[wheel.steering] for wheel in self.wheels
        ]
        return np.array([
            0.0 if address is None else wheel.steering_sign * self.data.qpos[address]
            for wheel, address in zip(self.wheels, addresses, strict=True)
        ])  # fmt: skip

    def driving_torques(self) -> np.ndarray:
        """Torques of the motors (n,) [N m], positive when driving ahead."""
        return self._signs * self.data.actuator_force[self._drives]

    def require_reach(self, angles: np.ndarray) -> None:
        """Reject steering angles (n,) [rad] beyond what a joint of the model allows."""
        for wheel, angle in zip(self.wheels, angles, strict=True):
            if wheel.steering is None or not self.model.jnt_limited[wheel.steering]:
                continue
            low, high = self.model.jnt_range[wheel.steering]
            if not low <= wheel.steering_sign * angle <= high:
                raise ConfigError(
                    f"scenario.command needs wheel {wheel.name!r} steered by {math.degrees(angle):.3g} deg, its joint "
                    f"allows {math.degrees(low):.3g} to {math.degrees(high):.3g}; drive a wider arc"
                )

    def pack(self) -> np.ndarray:
        """All that MuJoCo needs to go on bit for bit."""
        kind = self.mujoco.mjtState.mjSTATE_INTEGRATION
        state = np.empty(self.mujoco.mj_stateSize(self.model, kind))
        self.mujoco.mj_getState(self.model, self.data, state, kind)
        return state

    def unpack(self, state: np.ndarray) -> None:
        """Go on from what `pack` gave."""
        self.mujoco.mj_setState(self.model, self.data, state, self.mujoco.mjtState.mjSTATE_INTEGRATION)
        self.mujoco.mj_kinematics(self.model, self.data)

    def _build(self, path: Path | None, radius: float, width: float) -> tuple[Any, list[VehicleWheel]]:
        """Compile twice: what the joints are is known only then, and the motors come on them."""
        mujoco = self.mujoco
        if path and is_urdf(path) and (unread := without_unread_meshes(path)[1]):
            self.remarks.append(f"shapes of {len(unread)} meshes that cannot be read are left out: {', '.join(unread)}")
        spec = read_model(path) if path else parse_model(write_chassis(self.rover, radius, width))
        # Without the second flag MuJoCo starts over by itself when a number goes wrong.
        spec.option.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_CONTACT | mujoco.mjtDisableBit.mjDSBL_AUTORESET)
        spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        spec.compiler.fusestatic = False
        for part in [*spec.keys, *spec.sensors]:  # they are of the joints and motors that the file had
            spec.delete(part)
        _set_free(mujoco, spec)
        model = compile_model(spec, path)
        if path and self._let_go(spec, model, path):
            model = compile_model(spec, path)
        wheels = find_wheels(mujoco, model, self.rover, radius)
        _name_joints(spec)
        self._drop_linkages(spec, wheels)
        model = compile_model(spec, path)
        self._spin = self.rover.speed / radius
        for wheel in wheels:
            self._add_motors(spec, model, wheel)
        return compile_model(spec, path), wheels

    def _let_go(self, spec: Any, model: Any, path: Path) -> bool:
        """Let a rover go that the world holds so that it cannot move ahead; whether that was so.

        A model may be held on purpose, as a rig holds a wheel, so one that can move ahead stays as it is.
        """
        root = next((body for body in range(1, model.nbody) if model.body_subtreemass[body] > 0), 0)
        root = int(model.body_rootid[root])
        if not root or _moves_ahead(self.mujoco, model, root):
            return False
        body = next(entry for entry in spec.bodies if entry.id == root)
        held = ", ".join(repr(joint.name) for joint in body.joints) or "it"
        if not is_urdf(path):
            raise ConfigError(
                f"rover.model {path} holds its body {body.name!r} to the world by {held}, so that it cannot move "
                "ahead; give it a free joint"
            )
        for joint in list(body.joints):
            spec.delete(joint)
        body.add_freejoint()
        self.remarks.append(f"joint {held} ties {body.name!r} to the world, so that it cannot move ahead: it is let go")
        return True

    def _drop_linkages(self, spec: Any, wheels: list[VehicleWheel]) -> None:
        """Take off linkages between driven or steered joints: each is one servo's, and they would fight."""
        names = {
            spec.joints[joint].name for wheel in wheels for joint in (wheel.drive, wheel.steering) if joint is not None
        }
        kind = self.mujoco.mjtEq.mjEQ_JOINT
        for equality in [entry for entry in spec.equalities if entry.type == kind]:
            linked = [name for name in (equality.name1, equality.name2) if name in names]
            if linked:
                spec.delete(equality)
                said = " and ".join(map(repr, filter(None, (equality.name1, equality.name2))))
                self.remarks.append(
                    f"the linkage of joints {said} is dropped: wheels are driven and steered one by one"
                )

    def _add_motors(self, spec: Any, model: Any, wheel: VehicleWheel) -> None:
        """Servos, in place of what the file has on these joints."""
        self._drop_motors(spec, model, [wheel.drive] if wheel.steering is None else [wheel.drive, wheel.steering])
        torque = self.rover.motor_torque
        gain = torque / (FULL_TORQUE_ERROR * self._spin)
        self._add_motor(spec, f"drive of {wheel.name}", model.joint(wheel.drive).name, (gain, 0.0, gain), torque)
        if wheel.steering is not None:
            joint, torque = model.joint(wheel.steering).name, self.rover.steering_torque
            gain = torque / FULL_STEERING_ERROR
            self._add_motor(spec, f"steering of {wheel.name}", joint, (gain, gain, STEERING_DAMPING * gain), torque)

    def _add_motor(self, spec: Any, name: str, joint: str, gains: tuple, torque: float) -> None:
        """A motor that gives gains[0] command - gains[1] angle - gains[2] spin, within its torque."""
        mujoco = self.mujoco
        motor = spec.add_actuator(name=name, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
        motor.gaintype, motor.biastype = mujoco.mjtGain.mjGAIN_FIXED, mujoco.mjtBias.mjBIAS_AFFINE
        motor.gainprm[0], motor.biasprm[1], motor.biasprm[2] = gains[0], -gains[1], -gains[2]
        motor.forcelimited, motor.forcerange = True, [-torque, torque]
        moved = spec.joint(joint)
        moved.actfrclimited = mujoco.mjtLimited.mjLIMITED_FALSE  # of the file's motor: it would cut this one's unseen
        moved.armature = max(moved.armature, SLUGGISH * gains[2] * LONGEST_STEP)

    def _drop_motors(self, spec: Any, model: Any, joints: list[int]) -> None:
        """Take off what the file has on joints, be it by a tendon."""
        kinds = self.mujoco.mjtTrn
        pulling = {
            model.tendon(tendon).name
            for tendon in range(model.ntendon)
            for part in model.tendon_adr[tendon] + np.arange(model.tendon_num[tendon])
            if model.wrap_type[part] == self.mujoco.mjtWrap.mjWRAP_JOINT and model.wrap_objid[part] in joints
        }
        targets = {kinds.mjTRN_TENDON: pulling, kinds.mjTRN_JOINT: {model.joint(joint).name for joint in joints}}
        targets[kinds.mjTRN_JOINTINPARENT] = targets[kinds.mjTRN_JOINT]
        for actuator in [found for found in spec.actuators if found.target in targets.get(found.trntype, ())]:
            spec.delete(actuator)

    def _find_root(self) -> int:
        roots = {int(self.model.body_rootid[wheel.body]) for wheel in self.wheels}
        if len(roots) > 1:
            names = ", ".join(self.model.body(root).name for root in sorted(roots))
            raise ConfigError(f"rover.model {self.rover.model} has wheels on several bodies ({names}); join them")
        return roots.pop()

    def _find_motors(self) -> tuple[np.ndarray, list[int | None]]:
        drives = np.array([self.model.actuator(f"drive of {wheel.name}").id for wheel in self.wheels])
        steerings = [
            None if wheel.steering is None else int(self.model.actuator(f"steering of {wheel.name}").id)
            for wheel in self.wheels
        ]
        return drives, steerings

    def _stand(self) -> None:
        self.mujoco.mj_forward(self.model, self.data)
        orientations = self.data.xquat[self._bodies]
        onto = np.array([rotation_onto(LEFT, np.array(wheel.axis)) for wheel in self.wheels])
        self._wheel_frames = multiply(conjugate(orientations), onto)
        self._body_frame = self.data.xquat[self.root].copy()
        positions, _ = self.wheel_poses()
        middle = positions.mean(axis=0)
        self.body_offset = self.data.xpos[self.root] - middle
        self.hubs = {
            wheel.name: tuple(place.tolist()) for wheel, place in zip(self.wheels, positions - middle, strict=True)
        }


def _set_free(mujoco: Any, spec: Any) -> None:
    """Let a model's outermost bodies go that nothing else lets move: URDF has no way to say so."""
    for body in spec.worldbody.bodies:
        if body.parent == spec.worldbody and not body.joints and body.find_all(mujoco.mjtObj.mjOBJ_JOINT):
            body.add_freejoint()


def _moves_ahead(mujoco: Any, model: Any, body: int) -> bool:
    """Whether any joint moves a body along x."""
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
    shift = np.zeros((3, model.nv))
    mujoco.mj_jacBody(model, data, shift, None, body)
    return bool(np.abs(shift[0]).max(initial=0.0) > FIXED)


def _name_joints(spec: Any) -> None:
    """Motors find their joints by name."""
    for index, joint in enumerate(spec.joints):
        joint.name = joint.name or f"joint {index}"
