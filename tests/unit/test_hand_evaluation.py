"""Measuring gestures: the manifest, pairing of marked and found hands, and figures computed by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.errors import BadInput
from app.evaluation.hand_json import gestures_json
from app.evaluation.hand_looks import CELL, ORIGINAL, Look, Met, compose, moved, pair_up
from app.evaluation.hand_photos import MarkedPhoto, Truth, ordinary_photos, read_manifest
from app.evaluation.hand_plots import confusion_svg, sizes_svg
from app.evaluation.hand_report import hand_report
from app.vision.observations import Box, Hand

POINTS = np.zeros((21, 2), np.float32)
BOX: Box = (10, 10, 60, 110)


def hand(fingers: str, name: str, box: Box = BOX, readable: bool = True) -> Hand:
    return Hand(box, POINTS, fingers, name, 0.9, 0.9, 0.9, True, readable)


def truth(fingers: str | None, pose: str | None, count: int, box: Box | None = BOX) -> Truth:
    return Truth(box, count, fingers, pose)


PEACE, FIST, THREE = truth("01100", "peace", 2), truth("00000", "fist", 0), truth(None, None, 3)


def look(
    name: str, met: tuple[tuple[Truth, Hand | None], ...], extra: tuple[Hand, ...] = (), variant: str = ORIGINAL
) -> Look:
    return Look(name, name, variant, tuple(Met(name, *pair) for pair in met), extra, 1, {"faces": 5.0, "hands": 20.0})


LOOKS = [
    look("a", ((PEACE, hand("01100", "peace")),)),
    look("b", ((PEACE, hand("01100", "relaxed", readable=False)), (FIST, hand("00000", "fist")))),
    look("c", ((THREE, hand("00111", "ok3")),), (hand("01000", "index"),)),
    look("d", ((PEACE, hand("01000", "index")),)),
    look("e", ((FIST, None),)),
    look("a", ((PEACE, None),), variant="20 px"),
    look("sheet", ((PEACE, hand("01100", "peace")),), variant="24"),
    look("o1", ()),
    look("o2", (), (hand("00000", "fist"), hand("10000", "thumb_up"))),
    look("o3", (), (hand("10000", "relaxed", readable=False),)),
    Look("torn", "torn", ORIGINAL, (), (), 0, {}, "no picture"),
]


def test_shares_are_those_counted_by_hand() -> None:
    found = hand_report(LOOKS, "report")
    whole = found.whole
    assert (found.photos, whole.hands, found.ordinary, found.unreadable) == (8, 6, 3, ("torn",))
    assert whole.found.value == pytest.approx(5 / 6)
    assert whole.exact.value == pytest.approx(4 / 6)
    assert found.of_found.value == pytest.approx(4 / 5)
    assert found.fists.value == pytest.approx(1 / 2)
    assert whole.named.value == pytest.approx(3 / 6)
    assert whole.wrong.value == pytest.approx(1 / 6)
    assert found.false_names.value == pytest.approx(1 / 3)
    assert found.false_by_name == {"fist": 1, "thumb_up": 1}
    assert (found.ordinary_hands, found.extra) == (3, 1)
    assert found.confusion["peace", "index"] == 1
    assert found.confusion["fist", "–"] == 1
    assert found.confusion["3", "ok3"] == 1


def test_rows_by_size_take_small_looks_and_rows_by_people_take_sheets() -> None:
    found = hand_report(LOOKS, "report")
    (row,) = found.by_size
    assert (row.title, row.hands) == ("64-128", 7)
    assert [(row.title, row.hands) for row in found.by_people] == [("1", 6), ("24 (lembar / sheet)", 1)]


def test_every_promised_key_is_there_and_each_share_has_its_interval() -> None:
    report = json.loads(json.dumps(gestures_json(hand_report(LOOKS, "report"), "pack")))
    keys = {"photos", "hands", "found", "exact_fingers", "fists", "false_names", "by_size", "by_people", "ms"}
    assert keys <= report.keys()
    for key in ("found", "exact_fingers", "fists", "false_names"):
        low, high = report[f"{key}_interval"]
        assert 0 <= low <= report[key] <= high <= 1
    assert report["ms"] == {"faces": 5.0, "hands": 20.0}


def test_nothing_marked_gives_no_share_and_plots_still_draw() -> None:
    empty = hand_report([look("o1", ())], "all")
    assert gestures_json(empty, "pack")["found"] is None
    for found in (empty, hand_report(LOOKS, "report")):
        assert confusion_svg(found, "x").startswith("<svg")
        assert "</svg>" in sizes_svg(found, "x")
    assert ">ok3<" in confusion_svg(hand_report(LOOKS, "report"), "x")


def test_each_found_hand_is_used_once_and_the_better_place_wins() -> None:
    near, exact, far = (
        hand("01000", "index", (20, 10, 70, 110)),
        hand("01100", "peace"),
        hand("0" * 5, "fist", (500, 0, 550, 90)),
    )
    met, extra = pair_up([("a", PEACE), ("a", truth("01000", "index", 1, (30, 10, 80, 110)))], [far, near, exact])
    assert [one.hand for one in met] == [exact, near]
    assert extra == (far,)
    (whole,), rest = pair_up([("a", truth("01100", "peace", 2, None))], [near, exact])
    assert (whole.hand, rest) == (near, (exact,))


def test_a_sheet_keeps_every_hand_at_its_place() -> None:
    photo = MarkedPhoto("a", Path("a"), (PEACE,), "a")
    pixels = np.zeros((600, 400, 3), np.uint8)
    pixels[10:110, 10:60] = 255
    canvas, marked = compose([(photo, pixels)] * 5)
    assert canvas.shape == (2 * CELL[1], 3 * CELL[0], 3)
    for _, one in marked:
        assert one.box is not None
        x0, y0, x1, y1 = (round(value) for value in one.box)
        assert canvas[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2].min() > 250
    assert moved(PEACE, 0.5, 100, 0).size == 50


def test_a_manifest_is_read_with_halves_by_source(tmp_path: Path) -> None:
    rows = [
        {"file": "a.jpg", "hands": [{"box": [1, 2, 3, 9], "count": 2, "fingers": "01100"}], "source": "one"},
        {
            "file": "b.jpg",
            "hands": [{"box": None, "count": 1, "fingers": "10000", "pose": "thumb_up"}],
            "source": "one",
        },
        {"file": "c.jpg", "hands": []},
    ]
    path = tmp_path / "manifest.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    first, second, third = read_manifest(path)
    assert (first.hands[0].pose, second.hands[0].pose, third.hands) == ("peace", "thumb_up", ())
    assert first.half == second.half
    assert (first.path, third.source) == (tmp_path / "a.jpg", "c.jpg")


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"file": "a"}', '{"file": "a", "hands": [{"count": 2, "fingers": "0110"}]}',
     '{"file": "a", "hands": [{"count": 1, "box": [9, 9, 1, 1]}]}', '{"file": "a", "hands": [{"count": "x"}]}'],
)  # fmt: skip
def test_a_line_of_another_form_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "manifest.jsonl"
    path.write_text(f'{{"file": "a", "hands": []}}\n{line}')
    with pytest.raises(BadInput, match="line 2"):
        read_manifest(path)


def test_what_is_no_manifest_or_holds_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe\xff")
    for name in ("empty.jsonl", "bytes.jsonl", "missing.jsonl"):
        with pytest.raises(BadInput):
            read_manifest(tmp_path / name)
    with pytest.raises(BadInput, match="photos"):
        ordinary_photos(tmp_path)
