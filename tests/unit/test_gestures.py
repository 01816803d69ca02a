"""Reading fingers by geometry, on the joints of the drawn hand's skeleton: no model involved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demo.drawn_hand import joints
from app.rules.ruleset import load_rules
from app.vision.gestures import NAMES, Gate, Gesture, passes, read_gesture
from app.vision.observations import Floats


def skeleton(bits: str, turn: float = 0.0, scale: float = 200.0, mirrored: bool = False) -> tuple[Floats, Floats]:
    """Landmarks as the model gives them (crop with depth, and picture pixels), turned clockwise by `turn` degrees."""
    points = joints(bits) * ((1 if mirrored else -1), -1, -1) * scale
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    placed = (points[:, :2] @ rotation.T + 500).astype(np.float32)
    return points.astype(np.float32), placed


def clear(name: str = "peace", confidence: float = 0.9, tilt: float = 0.0, spread: float = 30.0) -> Gesture:
    return Gesture("01100", name, confidence, tilt, spread)


def test_every_gesture_that_has_a_name_is_a_pose_of_the_rules() -> None:
    assert set(NAMES.values()) <= load_rules().poses.keys()


@pytest.mark.parametrize(("bits", "name"), NAMES.items())
def test_every_named_set_of_fingers_is_read_from_its_joints(bits: str, name: str) -> None:
    gesture = read_gesture(*skeleton(bits))
    assert (gesture.fingers, gesture.name) == (bits, name)
    assert gesture.confidence > 0.4


@settings(max_examples=40, deadline=None)
@given(
    bits=st.sampled_from(sorted(NAMES)),
    turn=st.floats(-180, 180),
    scale=st.floats(5, 5000),
    mirrored=st.booleans(),
)
def test_neither_rotation_nor_size_nor_side_changes_the_fingers(
    bits: str, turn: float, scale: float, mirrored: bool
) -> None:
    assert read_gesture(*skeleton(bits, turn, scale, mirrored)).fingers == bits


@pytest.mark.parametrize(
    ("turn", "name"), [(-90, "thumb_up"), (90, "thumb_down"), (0, "thumb_side"), (180, "thumb_side")]
)
def test_a_lone_thumb_is_named_by_its_direction(turn: float, name: str) -> None:
    assert read_gesture(*skeleton("10000", turn)).name == name


def test_the_ring_of_thumb_and_index_is_ok_whatever_the_index_bit_says() -> None:
    shape, placed = skeleton("01111")
    shape[6:9] = shape[5] + np.array([[10, -45, -30], [25, -40, -55], [30, -20, -60]])
    shape[3:5] = shape[8] + np.array([[10, 25, 0], [2, 3, 2]])
    gesture = read_gesture(shape, placed)
    assert (gesture.fingers, gesture.name) == ("00111", "ok3")


def test_crossed_thumb_and_index_are_no_more_than_a_hint() -> None:
    shape, placed = skeleton("00000")
    palm = float(np.linalg.norm(shape[9] - shape[0]))
    up, across, out = (np.array(way) * palm for way in ((0, -1, 0), (1, 0, 0), (0, 0, -1)))
    shape[6] = shape[5] + 0.34 * up + 0.15 * out
    shape[7] = shape[6] + 0.12 * up + 0.18 * out
    shape[8] = shape[7] - 0.06 * up + 0.14 * out
    shape[3] = shape[8] + 0.20 * across - 0.20 * up
    shape[4] = shape[8] + 0.05 * across + 0.10 * up
    gesture = read_gesture(shape, placed)
    assert (gesture.name, gesture.fingers[2:]) == ("finger_heart", "000")


@pytest.mark.parametrize("points", [np.zeros((21, 3), np.float32), np.full((21, 3), 7.0, np.float32)])
def test_landmarks_without_extent_are_read_without_failing(points: Floats) -> None:
    gesture = read_gesture(points, points[:, :2])
    assert gesture.name in {*load_rules().poses, "other"}
    assert 0 <= gesture.confidence <= 1


def test_the_gate_asks_for_size_presence_palm_and_confidence() -> None:
    gate = Gate()
    assert passes(clear(), 28, 0.8, 0.5, gate)
    assert not passes(clear(), 27.9, 0.8, 0.5, gate)
    assert not passes(clear(), 28, 0.79, 0.5, gate)
    assert not passes(clear(), 28, 0.8, 0.49, gate)
    assert not passes(clear(confidence=0.59), 28, 0.8, 0.5, gate)


@pytest.mark.parametrize("name", ["four", "five"])
def test_four_and_five_must_be_raised_and_spread(name: str) -> None:
    assert passes(clear(name), 100, 1, 1, Gate())
    assert not passes(clear(name, tilt=61), 100, 1, 1, Gate())
    assert not passes(clear(name, spread=14), 100, 1, 1, Gate())
    assert passes(clear("three", tilt=120, spread=0), 100, 1, 1, Gate())


@pytest.mark.parametrize(("turn", "tilt"), [(0, 0), (45, 45), (-45, 45), (180, 180)])
def test_tilt_is_measured_against_straight_up(turn: float, tilt: float) -> None:
    assert read_gesture(*skeleton("01111", turn)).tilt == pytest.approx(tilt, abs=8)


def test_a_thumb_that_stands_off_a_little_still_counts() -> None:
    shape, placed = skeleton("11111")
    shape[4] = shape[3] + 0.55 * (shape[4] - shape[3])
    assert read_gesture(shape, placed).fingers == "11111"


def test_thumb_and_index_that_touch_are_ok_even_where_the_index_looks_straight() -> None:
    shape, placed = skeleton("01111")
    shape[4] = shape[8] + (10, 20, 0)
    assert read_gesture(shape, placed).name == "ok3"
