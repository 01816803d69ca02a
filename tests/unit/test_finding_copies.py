"""Edited pictures are known again, others never; the search is exact."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.copies.panel import panel
from app.copies.prints import PLACES, WHOLE, WINDOWS, fingerprint
from app.copies.search import HashIndex
from app.copies.verify import Features, compare, features
from app.evaluation.copy_edits import edits, on_a_phone, with_bars
from app.imaging.decode import Pixels
from app.screening.copies import MOST_COMPARED
from app.screening.copy_index import CopyIndex
from app.text.sameness import caption_key
from tests.copying import drawn


class Stored:
    """Pictures in an index, as the service keeps them."""

    def __init__(self, pictures: Sequence[Pixels]) -> None:
        self.index, self.ids = CopyIndex(), [uuid.uuid4() for _ in pictures]
        self.features: dict[uuid.UUID, Features] = {}
        for name, picture in zip(self.ids, pictures, strict=True):
            made = fingerprint(picture)
            self.index.put(name, made)
            self.features[name] = features(made.photo)

    def same(self, picture: Pixels) -> set[int]:
        """The stored pictures that show the same."""
        prints = fingerprint(picture)
        own = {mirrored: features(prints.photo, mirrored=mirrored) for mirrored in (False, True)}
        near = self.index.near(prints)[:MOST_COMPARED]
        same = {one.image for one in near if compare(self.features[one.image], own[one.mirrored]) is not None}
        return {self.ids.index(name) for name in same}


def recall(pictures: Sequence[Pixels], least: float) -> None:
    """Every edit of every picture is found, but for a share; nothing else is found."""
    stored, dice = Stored(pictures), np.random.default_rng(4)
    for name, edit in edits(dice).items():
        found = [stored.same(edit(picture)) for picture in pictures]
        share = sum(number in same for number, same in enumerate(found)) / len(found)
        assert share >= least, (name, share)
        assert all(same <= {number} for number, same in enumerate(found)), name


def test_drawn_pictures_are_known_again_after_every_edit() -> None:
    recall([drawn(seed) for seed in range(12)], 0.9)


def test_different_drawn_pictures_are_never_linked() -> None:
    """2,000 pairs as the service looks for copies, and 250 of them pixel by pixel whatever their hashes say."""
    prints = [fingerprint(drawn(seed, (320, 240))) for seed in range(100, 164)]
    known = [features(made.photo) for made in prints]
    ids, index = [uuid.uuid4() for _ in prints], CopyIndex()
    for name, made in zip(ids, prints, strict=True):
        index.put(name, made)
    pairs = [(a, b) for b in range(len(known)) for a in range(b)]
    assert len(pairs) >= 2000
    for number, made in enumerate(prints):
        near = [(ids.index(one.image), one.mirrored) for one in index.near(made)[:MOST_COMPARED]]
        assert (number, False) in near
        own = {mirrored: features(made.photo, mirrored=mirrored) for _, mirrored in near}
        assert {other for other, mirrored in near if compare(known[other], own[mirrored]) is not None} == {number}
    assert [(a, b) for a, b in pairs[::8][:250] if compare(known[a], known[b]) is not None] == []


@pytest.mark.slow
def test_photos_are_known_again(shared_data: Path) -> None:
    files = sorted((shared_data / "faces" / "unknown").glob("*.jpg"))[:30]
    recall([np.asarray(cv2.imread(str(file)), np.uint8) for file in files], 0.9)


@pytest.mark.slow
def test_different_photos_are_never_linked(shared_data: Path) -> None:
    """2,000 pairs of different people, compared pixel by pixel whatever their hashes say."""
    files = sorted((shared_data / "faces" / "unknown").glob("*.jpg"))[100:164]
    known = [features(fingerprint(np.asarray(cv2.imread(str(file)), np.uint8)).photo) for file in files]
    pairs = [(a, b) for b in range(len(known)) for a in range(b)][:2000]
    assert len(pairs) == 2000
    assert [pair for pair in pairs if compare(known[pair[0]], known[pair[1]]) is not None] == []


def test_two_photos_of_one_scene_are_two(shared_data: Path) -> None:
    """The same person at the same place with another number of fingers: another picture, another decision."""
    folder = shared_data / "hands" / "photos"
    pairs = [("15_pic00027", "15_pic00015"), ("1528664299.56_pic00124", "1528664299.56_pic00159")]
    for first, second in pairs:
        one, other = (np.asarray(cv2.imread(str(folder / f"{name}.jpg")), np.uint8) for name in (first, second))
        assert compare(features(one), features(one)) is not None
        assert compare(features(one), features(other)) is None


def test_a_photo_in_a_frame() -> None:
    picture = drawn(3)
    assert panel(picture) is None
    for framed in (with_bars(picture), on_a_phone(picture, dark=False), on_a_phone(picture, dark=True)):
        box = panel(framed)
        assert box is not None
        x0, y0, x1, y1 = box
        assert abs((x1 - x0) / (y1 - y0) - 640 / 480) < 0.05
    assert panel(np.full((90, 60, 3), 255, np.uint8)) is None
    assert panel(np.zeros((1, 1, 3), np.uint8)) is None


def test_a_plain_picture_has_no_print() -> None:
    for size in ((64, 48), (1, 1), (3, 900)):
        made = fingerprint(np.full((*size, 3), 120, np.uint8))
        assert (made.kinds, made.hashes.shape, made.mirrored.shape) == ((), (0, 4), (0, 4))
        assert compare(features(made.photo), features(made.photo)) is None
    assert fingerprint(drawn(1)).kinds == (WHOLE, *[WINDOWS] * len(PLACES))


def test_the_search_is_exact() -> None:
    dice = np.random.default_rng(2)
    hashes = dice.integers(0, 2**64, (40_000, 4), np.uint64, endpoint=False)
    queries = hashes[[7, 20_000, 39_999]].copy()
    queries[0, 3] ^= np.uint64(0b1011)
    queries[1] ^= np.uint64(2**64 - 1)  # the opposite of a stored hash is as far as can be
    index = HashIndex()
    for part in (hashes[:10], hashes[10:30_000], hashes[30_000:]):
        index.add(part)
    assert len(index) == 40_000
    rows, distances = index.near(queries, 100)
    away = np.stack([np.bitwise_count(hashes ^ query).sum(axis=1, dtype=np.int64) for query in queries])
    nearest = away.min(axis=0)
    assert rows.tolist() == np.flatnonzero(nearest <= 100).tolist()
    assert distances.tolist() == nearest[nearest <= 100].tolist()
    assert {7: 3, 39_999: 0}.items() <= dict(zip(rows.tolist(), distances.tolist(), strict=True)).items()
    later, _ = index.near(queries, 100, first=39_999)
    assert later.tolist() == [39_999]
    assert index.near(queries[:0], 100)[0].size == 0


def test_the_same_caption_however_it_is_written() -> None:
    text = "Mari kita dukung pembangunan jembatan di desa Embun Hulu tahun ini"
    key = caption_key(text)
    assert key is not None
    assert caption_key(f"🔥 {text.upper()}!!! https://contoh.id/abc") == key
    assert caption_key(text.replace("a", "á").replace(" ", "  \n")) == key
    assert caption_key(text.replace("Hulu", "Hilir")) != key
    assert caption_key("Selamat pagi semua") is None
    assert caption_key("!" * 80) is None
