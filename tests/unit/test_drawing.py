"""The project's own pictures: put together as meant, and read by the real models as meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.demo.drawing import CLOTHES, draw_hand, draw_person, paste, phone_frame, poster
from app.demo.drawn_hand import joints, placing
from app.demo.frames import drawable
from app.vision.face_detector import FaceDetector
from app.vision.hands import HandFinder
from app.vision.reading import Reader

GROUNDS = ((205, 205, 200), (150, 170, 180), (120, 130, 120), (90, 80, 75))
NAMES = {
    "01000": "index", "01100": "peace", "01110": "three", "01111": "four", "11111": "five", "00000": "fist",
    "10000": "thumb_up", "11000": "gun_L", "10001": "phone", "11001": "metal", "01001": "horns", "00001": "pinky",
}  # fmt: skip


# -- putting together -------------------------------------------------------------------------------------------------


def test_a_hand_covers_the_middle_and_leaves_the_corners_clear() -> None:
    pixels, mask = draw_hand("01100", 120)
    assert pixels.shape == (120, 120, 3)
    assert (pixels.dtype, mask.dtype) == (np.uint8, np.float32)
    assert mask[60, 60] == 1
    assert mask[0, 0] == mask[0, -1] == 0
    assert 0.15 < mask.mean() < 0.5


def test_a_mirrored_hand_is_the_other_hand() -> None:
    _, right = draw_hand("11000", 160)
    _, left = draw_hand("11000", 160, mirrored=True)
    assert np.abs(right - left[:, ::-1]).mean() < 0.01


@pytest.mark.parametrize("angle", [-30, 0, 30])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("bits", NAMES)
def test_no_finger_leaves_the_picture(bits: str, angle: float, mirrored: bool) -> None:
    place = placing(bits, 200, angle, mirrored)
    pixels = np.array([place.pixels(joint)[:2] for joint in joints(bits)])
    assert pixels.min() > 6
    assert pixels.max() < 194


@pytest.mark.parametrize("bits", ["", "0110", "011000", "01x00"])
def test_fingers_are_five_bits(bits: str) -> None:
    with pytest.raises(ValueError, match="five finger bits"):
        draw_hand(bits, 50)


def test_pasting_mixes_at_the_edge_and_cuts_what_stands_out() -> None:
    canvas = np.zeros((10, 10, 3), np.uint8)
    mask = np.array([[1, 0.5], [0, 1]], np.float32)
    paste(canvas, np.full((2, 2, 3), 200, np.uint8), mask, 9, -1)
    assert canvas[0, 9].tolist() == [0, 0, 0]
    paste(canvas, np.full((2, 2, 3), 200, np.uint8), mask, 3, 3)
    assert canvas[3:5, 3:5, 0].tolist() == [[200, 100], [0, 200]]
    before = canvas.copy()
    paste(canvas, np.full((2, 2, 3), 9, np.uint8), mask, 50, 50)
    paste(canvas, np.full((2, 2, 3), 9, np.uint8), mask, -2, 4)
    assert (canvas == before).all()


def test_people_differ_by_seed_and_only_by_seed() -> None:
    (first, _), (again, _), (other, _) = draw_person(1, 200), draw_person(1, 200), draw_person(2, 200)
    assert (first == again).all()
    assert (first != other).any()


def test_clothes_are_of_no_strong_colour() -> None:
    assert all(max(tone) - min(tone) <= 40 for tone in CLOTHES)


def test_a_person_stands_clear_of_the_background() -> None:
    _, mask = draw_person(3, 240, "01100")
    assert mask.shape == (240, 216)
    assert mask.max() == 1
    assert mask[0].max() == 0
    assert mask.min() == 0


# -- as the models see it ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finder(model_folder: Path) -> HandFinder:
    return HandFinder(model_folder)


@pytest.mark.models
@pytest.mark.parametrize("bits", ["01000", "01100", "01110", "00000", "10000"])
def test_a_person_holds_up_a_hand_that_is_read(finder: HandFinder, bits: str) -> None:
    for seed in range(4):
        canvas = np.full((500, 560, 3), GROUNDS[seed], np.uint8)
        paste(canvas, *draw_person(seed, 460, bits, mirrored=seed % 2 == 1), 70, 40)
        assert NAMES[bits] in {hand.name for hand in finder.find(canvas, ()) if hand.readable}, seed


@pytest.mark.models
def test_a_person_without_a_raised_hand_shows_none(finder: HandFinder) -> None:
    for seed in range(6):
        canvas = np.full((500, 560, 3), GROUNDS[seed % 4], np.uint8)
        paste(canvas, *draw_person(seed, 460), 70, 40)
        assert not [hand for hand in finder.find(canvas, ()) if hand.readable], seed


@pytest.mark.models
def test_drawn_people_are_found_as_faces_where_they_stand(model_folder: Path) -> None:
    detector = FaceDetector(model_folder)
    for seed in range(8):
        canvas = np.full((500, 560, 3), GROUNDS[seed % 4], np.uint8)
        paste(canvas, *draw_person(seed, 460), 70, 40)
        (face,) = detector.detect(canvas)
        x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
        assert abs(x - 318) < 25, seed
        assert abs(y - 164) < 40, seed


@pytest.mark.models
@pytest.mark.parametrize("style", ["light", "dark"])
def test_a_phone_frame_is_read_with_account_and_caption(model_folder: Path, style: str) -> None:
    picture = np.full((300, 400, 3), GROUNDS[1], np.uint8)
    caption = "Bersama tetangga di hajatan. Dua jari, ayo coblos nomor 2! #BANI"
    frame = phone_frame(picture, "warga.embun", caption, style)
    text = " ".join(line.text for line in Reader(model_folder).read(frame))
    assert "warga.embun" in text
    assert caption.replace(" ", "") in text.replace(" ", "")


def test_a_phone_frame_keeps_its_width_and_bounds_its_picture() -> None:
    for shape in ((2000, 100, 3), (20, 3000, 3), (1, 1, 3)):
        frame = phone_frame(np.zeros(shape, np.uint8), "akun", "")
        assert frame.shape[1] == 720
        assert 300 <= frame.shape[0] <= 1400


def test_a_poster_takes_any_lines() -> None:
    assert poster(["A", "", "sangat " * 30]).shape[1] == 900
    assert poster([]).shape == (140, 900, 3)


def test_letters_the_built_in_font_lacks_are_simplified() -> None:
    assert drawable("BAGUS – NIRMALA “é” ✌️!") == 'BAGUS - NIRMALA "e" !'
