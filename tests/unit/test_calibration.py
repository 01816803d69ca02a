"""Limits from labelled photos, and the file that carries them."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from app.errors import BadInput, NotReady
from app.evaluation.calibration import calibrate
from app.vision.gallery import FaceThresholds
from app.vision.limits import THRESHOLDS, limits_toml, read_limits
from app.vision.packs import find_pack, pack_folder, pack_version
from tests.conftest import MODELS
from tests.made_people import made

LIMITS = FaceThresholds()
MODEL = find_pack(MODELS, "default").recogniser.id


def test_limits_lie_in_order_and_do_what_they_promise_on_the_other_half() -> None:
    people, shots = made(120, 300, 0.06)
    found = calibrate(people, shots, LIMITS, 0.02)
    limits = found.limits
    assert 0 < limits.review <= limits.possible <= limits.strong < 1
    assert limits.strong >= found.strong.threshold
    assert limits.possible >= found.possible.threshold
    assert (limits.flag_size, limits.compare_size) == (LIMITS.flag_size, LIMITS.compare_size)
    assert 60 < limits.drawn_norm < 85
    assert found.gallery == 22
    for one in found.checked.values():
        assert one.false_name.value <= 0.02
        assert one.hit.value > 0.9
    assert {"mean", "closest photo", "s-norm"} <= set(found.scorers)


def test_a_group_whose_people_look_alike_raises_the_limits_for_all() -> None:
    plain = calibrate(*made(120, 300, 0.06), LIMITS, 0.02)
    alike = calibrate(*made(120, 300, 0.06, shared=0.7), LIMITS, 0.02)
    assert set(alike.by_group) == {"cap=no", "cap=yes"}
    assert alike.by_group["cap=yes"][0] > alike.by_group["cap=no"][0]
    assert alike.limits.possible > plain.limits.possible
    assert alike.limits.possible >= alike.by_group["cap=yes"][0]


def test_too_few_people_are_told_what_is_needed() -> None:
    with pytest.raises(BadInput, match=r"12 .*dua foto.*40"):
        calibrate(*made(8, 30, 0.05), LIMITS, 0.02)


def test_a_thresholds_file_comes_back_as_it_was(tmp_path: Path) -> None:
    wanted = replace(LIMITS, strong=0.66, margin=0.07)
    text = limits_toml(wanted, MODEL, 'Made for "tests"\nby hand', {"hit_3_photos": [0.99, 0.97, 1.0], "people": 12})
    path = tmp_path / THRESHOLDS
    path.write_text(text, encoding="utf-8")
    assert read_limits(path, MODEL) == wanted
    assert tomllib.loads(text)["measured"] == {"hit_3_photos": [0.99, 0.97, 1.0], "people": 12}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("strong = 0.64", "strong = 0.2"),
        ("strong = 0.64", "strong = nan"),
        ("strong = 0.64", "stronger = 0.64"),
        ("strong = 0.64", ""),
        ("strong = 0.64", "strong = 'x'"),
        ("compare_size = 24.0", "compare_size = 60.0"),
        ("[face_thresholds]", "[face"),
        (MODEL, "another-0123456789ab"),
    ],
)
def test_a_bad_thresholds_file_stops_the_pack_and_says_what_to_do(tmp_path: Path, old: str, new: str) -> None:
    text = limits_toml(LIMITS, MODEL, "", {})
    assert old in text
    path = tmp_path / THRESHOLDS
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(NotReady, match=r"thresholds\.toml.*netra calibrate faces"):
        read_limits(path, MODEL)


def test_the_pack_takes_the_limits_of_its_own_file_and_another_version(tmp_path: Path) -> None:
    shutil.copy(MODELS / "manifest.toml", tmp_path)
    plain = find_pack(tmp_path, "default")
    wanted = replace(LIMITS, strong=0.66)
    folder = pack_folder(plain, tmp_path)
    folder.mkdir()
    (folder / THRESHOLDS).write_text(limits_toml(wanted, MODEL, "", {}), encoding="utf-8")
    own = find_pack(tmp_path, "default")
    assert asdict(own.thresholds) == asdict(wanted)
    assert pack_version(own) != pack_version(plain)
