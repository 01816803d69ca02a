"""Reading text: geometry without models, then the models on posters, odd sizes and made screenshots."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment

from app.demo.drawing import poster
from app.vision.line_shapes import (
    alternatives,
    cut_line,
    half_round,
    joined,
    lengths,
    reading_order,
    standing,
    starting,
)
from app.vision.observations import Floats
from app.vision.reading import Reader, ReadingSettings


def line(x: float, y: float, width: float = 100, height: float = 20) -> Floats:
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)


def starts(lines: list[Floats]) -> list[tuple[float, float]]:
    return [(float(lines[index][0, 0]), float(lines[index][0, 1])) for index in reading_order(lines)]


def turned(corners: Floats, degrees: float) -> Floats:
    """The line on a page that is turned clockwise about its corner."""
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (corners @ matrix).astype(np.float32)


# -- geometry ---------------------------------------------------------------------------------------------------------


def test_lines_are_read_row_by_row_and_from_left_to_right() -> None:
    lines = [line(300, 4), line(10, 60), line(10, 0), line(150, 8), line(300, 55)]
    assert starts(lines) == [(10, 0), (150, 8), (300, 4), (10, 60), (300, 55)]


def test_rows_grow_with_the_text_so_that_large_pictures_read_alike() -> None:
    lines = [line(10, 0, 800, 160), line(900, 60, 800, 160), line(10, 220, 800, 160)]
    assert starts(lines) == [(10, 0), (900, 60), (10, 220)]
    assert reading_order([]) == []


def test_a_number_beside_two_lines_does_not_pull_them_into_one_row() -> None:
    lines = [line(200, 0, 300, 40), line(10, 15, 100, 80), line(200, 50, 300, 40)]
    assert starts(lines) == [(10, 15), (200, 0), (200, 50)]


@pytest.mark.parametrize("degrees", [0, 2, -12, 25, 60, 90, 120, 180, 240, 270, 300])
def test_a_turned_page_is_read_in_the_same_order(degrees: float) -> None:
    page = [line(10, 60), line(300, 4), line(10, 0), line(150, 8), line(300, 55)]
    assert reading_order([turned(corners, degrees) for corners in page]) == [2, 3, 1, 0, 4]


@pytest.mark.parametrize(
    ("degrees", "turn"), [(0, 0), (30, 0), (-40, 0), (90, 1), (70, 1), (180, 2), (270, 3), (250, 3)]
)
def test_a_line_starts_where_its_first_letter_stands(degrees: float, turn: int) -> None:
    corners = turned(line(0, 0, 200, 20), degrees)
    for roll in range(4):
        assert np.allclose(starting(np.roll(corners, roll, axis=0), turn), corners)
    assert standing([corners]) == (turn % 2 == 1)


def test_a_lone_character_stands_like_the_rest() -> None:
    one = line(0, 0, 20, 45)
    assert np.allclose(starting(one, 0), one)
    assert np.allclose(starting(one, 2), half_round(one))
    assert not standing([one])
    assert len(alternatives(one)) == 3
    assert len(alternatives(line(0, 0, 200, 20))) == 1


@pytest.mark.parametrize("degrees", [0, 8, 90])
def test_overlapping_pieces_of_a_row_are_one_line(degrees: float) -> None:
    pieces = [line(10, 0, 200, 30), line(195, 2, 240, 28), line(10, 60, 300, 30), line(450, 0, 200, 30)]
    found = joined([turned(corners, degrees) for corners in pieces])
    widths = sorted(round(max(lengths(corners))) for corners in found)
    assert len(found) == 3
    assert widths[:2] == [200, 300]
    assert 425 <= widths[2] <= 430


def test_a_slanted_line_is_cut_out_straight() -> None:
    pixels = np.zeros((200, 300, 3), np.uint8)
    corners = np.array([[50, 60], [250, 100], [244, 130], [44, 90]], np.float32)
    cv2.fillPoly(pixels, [corners.astype(np.int32)], (255, 255, 255))
    crop = cut_line(pixels, corners)
    assert crop is not None
    assert crop.shape[:2] == (30, 203)
    assert crop[4:-4, 4:-4].mean() > 250


def test_a_line_on_end_is_turned_and_a_sliver_left_out() -> None:
    pixels = np.full((300, 300, 3), 200, np.uint8)
    pixels[50:80] = 10  # where it starts, at the top
    on_end = cut_line(pixels, starting(line(100, 50, 20, 200), 0))
    assert on_end is not None
    assert on_end.shape[:2] == (20, 200)
    assert on_end[:, :25].mean() < 15
    assert on_end[:, 40:].mean() > 190
    assert cut_line(pixels, line(10, 10, 100, 3)) is None


def test_an_endless_line_is_cut_out_smaller() -> None:
    crop = cut_line(np.full((40, 40000, 3), 9, np.uint8), line(0, 0, 39999, 39))
    assert crop is not None
    assert crop.shape == (7, 8000, 3)


# -- the models -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader(model_folder: Path) -> Reader:
    return Reader(model_folder)


@pytest.mark.models
def test_a_poster_is_read_word_for_word(reader: Reader) -> None:
    words = ["PILIH NOMOR 2", "BAGUS - NIRMALA", "Muara Embun Maju Bersama"]
    found = reader.read(poster(words))
    assert [item.text for item in found] == words
    assert all(item.score > 0.9 and item.corners.shape == (4, 2) for item in found)


@pytest.mark.models
def test_boxes_are_in_pixels_of_the_picture_given(reader: Reader) -> None:
    small = poster(["COBLOS 3"], width=500)
    large = cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    (one,), (other,) = reader.read(small), reader.read(large)
    assert one.text == other.text == "COBLOS 3"
    assert np.abs(other.corners / 4 - one.corners).max() < 12


@pytest.mark.models
@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (9, 7), (40000, 3), (3, 40000), (2000, 31), (33, 31)])
def test_no_size_of_picture_makes_it_fail(reader: Reader, shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(2).integers(0, 255, (*shape, 3)).astype(np.uint8)
    for found in reader.read(pixels):
        assert found.corners.min() >= 0
        assert (found.corners.max(axis=0) <= (shape[1], shape[0])).all()


@pytest.mark.models
def test_a_page_of_text_is_bounded(model_folder: Path) -> None:
    page = np.full((1400, 1000, 3), 255, np.uint8)
    for row in range(40):
        cv2.putText(page, f"baris nomor {row}", (40, 40 + 34 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0, 0, 0), 2)
    assert len(Reader(model_folder, settings=ReadingSettings(max_lines=7)).detect(page)) == 7


@pytest.mark.models
def test_a_very_long_strip_is_squeezed_to_the_widest_line_allowed(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, widths = reader._recogniser, []

    class Recording:
        def get_inputs(self) -> object:
            return session.get_inputs()

        def run(self, outputs: None, feed: dict[str, Floats]) -> object:
            widths.extend(blob.shape[3] for blob in feed.values())
            return session.run(outputs, feed)

    monkeypatch.setattr(reader, "_recogniser", Recording())
    reader.recognise(np.full((5, 60000, 3), 255, np.uint8))
    assert widths == [reader.settings.max_width]


@pytest.mark.models
def test_the_same_picture_gives_the_same_lines(reader: Reader) -> None:
    pixels = poster(["Hajatan Warga", "Sabtu pukul 9"])
    first, second = reader.read(pixels), reader.read(pixels)
    assert [(a.text, a.score, a.box) for a in first] == [(b.text, b.score, b.box) for b in second]


# -- made screenshots and banners -------------------------------------------------------------------------------------


def errors(truth: str, read: str) -> int:
    """Wrong characters (spaces aside) of a line of truth, wherever it stands in what was read."""
    truth, read = "".join(truth.split()), "".join(read.split())
    place = partial_ratio_alignment(truth, read)
    whole = place is None or len(truth) > len(read)
    return Levenshtein.distance(truth, read if whole else read[place.dest_start : place.dest_end])


@pytest.mark.models
@pytest.mark.slow
def test_screenshots_are_read_with_hardly_an_error(
    reader: Reader, shared_data: Path, record_property: pytest.RecordProperty
) -> None:
    folder = shared_data / "screens"
    wrong = characters = exact = lines = 0
    for row in json.loads((folder / "manifest.json").read_text()):
        if hashlib.sha256(row["file"].encode()).digest()[0] % 2 == 0:
            continue
        read = " ".join(found.text for found in reader.read(cv2.imread(str(folder / row["file"]))))
        for truth in row["gt"]:
            slips = errors(truth, read)
            wrong, characters = wrong + slips, characters + len(truth)
            exact, lines = exact + (slips == 0), lines + 1
    record_property("lines, exact, characters, wrong", f"{lines} {exact} {characters} {wrong}")
    assert lines >= 20
    assert wrong / characters <= 0.01
    assert exact / lines >= 0.95
