"""Measuring faces: galleries that are drawn, limits that are fitted, verification; on made-up unit vectors."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.errors import BadInput
from app.evaluation.degraded import DEGRADATIONS, ORIGINAL
from app.evaluation.face_json import report_json
from app.evaluation.face_report import report
from app.evaluation.fitting import fit, single
from app.evaluation.open_set import Album, for_review, named, outcome, tries
from app.evaluation.people import Person, half_of, read_people
from app.evaluation.plots import roc_svg, scores_svg
from app.evaluation.scorers import SCORERS, normalised
from app.evaluation.shots import Shot, subject
from app.evaluation.verification import accepted, curve, pairs_of
from app.vision.face_format import ARCFACE_TEMPLATE
from app.vision.gallery import NAMED, FaceThresholds, Gallery, match_faces
from app.vision.observations import Face

LIMITS = FaceThresholds()
DIMENSION = 24


def face(vector: np.ndarray, size: float = 100.0, norm: float = 70.0) -> Face:
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    return Face((0.0, 0.0, size, size), np.zeros((5, 2), np.float32), 0.9, unit, norm)


def crowd(known: int, unknown: int, photos: int = 5, noise: float = 0.1, seed: int = 0) -> list[Album]:
    """People at random directions; each photo a little beside its person."""
    random = np.random.default_rng(seed)
    albums = []
    for index in range(known + unknown):
        centre = random.normal(size=DIMENSION)
        centre /= np.linalg.norm(centre)
        count = photos if index < known else 1
        faces = {f"{number}.jpg": face(centre + random.normal(0, noise, DIMENSION)) for number in range(count)}
        albums.append(Album(f"p{index}", index < known, faces if index < known else {}, faces))
    return albums


def test_people_who_are_well_apart_are_all_named_and_nobody_else() -> None:
    found = tries(crowd(12, 20, noise=0.02), 5, 3, draws=10)
    assert found is not None
    result = outcome(found, named(found, LIMITS))
    assert (result.hit.value, result.wrong_name.value, result.false_name.value) == (1.0, 0.0, 0.0)
    assert result.hit.clusters == 12
    assert result.false_name.clusters == 32
    assert result.false_name.high > 0


def test_every_try_agrees_with_the_service() -> None:
    albums = crowd(9, 15, photos=4, noise=0.17, seed=4)
    odd = albums[2].shown["0.jpg"]
    assert odd is not None
    albums[2] = replace(albums[2], shown={**albums[2].shown, "0.jpg": replace(odd, box=(0.0, 0.0, 30.0, 30.0))})
    found = tries(albums, 9, 2, draws=1, seed=5)
    assert found is not None
    given, asked = named(found, LIMITS), for_review(found, LIMITS)
    random = np.random.default_rng([5, 9, 2])
    members = random.permutation(range(9))[:9]
    held = {index: random.permutation(list(albums[index].shown))[:2] for index in members}
    rows = [(index, name) for index in members for name in held[index]]
    matrix = np.stack([albums[index].registered[name].embedding for index, name in rows])
    gallery = Gallery(matrix, tuple(f"p{index}" for index, _ in rows), tuple(f"{i}{n}" for i, n in rows), "made")
    bands = []
    for index, album in enumerate(albums):
        for name, shown in album.shown.items():
            if name not in held.get(index, ()):
                match = match_faces([shown], gallery, LIMITS)[0]
                bands.append((match.band in NAMED, match.band == "review", match.candidate == album.name))
    assert len(bands) == len(given)
    assert [one[0] for one in bands] == given.tolist()
    assert [one[1] for one in bands] == asked.tolist()
    assert all(right == wanted for (is_named, _, right), wanted in zip(bands, found.right, strict=True) if is_named)
    assert 0 < given.sum() < len(given)
    assert asked.sum() > 0


def test_a_face_that_was_not_found_counts_as_not_named() -> None:
    albums = crowd(8, 0, photos=3, noise=0.01)
    blind = [replace(album, shown=dict.fromkeys(album.shown)) for album in albums]
    found = tries(blind, 4, 1, draws=5)
    assert found is not None
    result = outcome(found, named(found, LIMITS))
    assert result.hit.value == 0.0
    assert result.hit.cases > 0


def test_who_has_no_photo_to_spare_fills_the_gallery_but_is_not_looked_up() -> None:
    albums = crowd(4, 0, photos=2, noise=0.01) + crowd(3, 0, photos=6, noise=0.01, seed=9)
    found = tries(albums, 7, 5, draws=4)
    assert found is not None
    assert set(found.person[found.member]) == {4, 5, 6}


def test_too_few_people_are_no_cell() -> None:
    assert tries(crowd(5, 5), 6, 1) is None
    assert tries(crowd(6, 5, photos=2), 6, 2) is None


def test_the_fitted_limit_is_the_laxest_that_holds_and_holds_on_new_people() -> None:
    tuning, reporting = (tries(crowd(40, 160, noise=0.15, seed=seed), 20, 2, draws=10) for seed in (1, 2))
    assert tuning is not None
    assert reporting is not None
    fitted = fit(tuning, 0.05, LIMITS)
    assert fitted.shown
    assert fitted.false_name.high <= 0.05
    laxer = single(LIMITS, fitted.threshold - 0.05)
    outside = tuning.only(~tuning.member)
    assert named(outside, laxer).mean() > fitted.false_name.value
    told = outcome(reporting, named(reporting, single(LIMITS, fitted.threshold)))
    assert told.false_name.value <= 0.06


def test_few_strangers_cannot_show_that_a_limit_holds() -> None:
    found = tries(crowd(6, 5, noise=0.05), 5, 1, draws=5)
    assert found is not None
    fitted = fit(found, 0.001, LIMITS)
    assert not fitted.shown
    assert fitted.false_name.value == 0.0
    assert fitted.threshold > found.score[~found.member].max()


def test_scorers_agree_where_there_is_one_photo_and_all_find_the_person() -> None:
    albums = crowd(5, 60, photos=4, noise=0.05)
    registered = [list(album.registered.values()) for album in albums[:5]]
    shown = [album.shown["3.jpg"] for album in albums[:5]]
    cohort = [album.shown["0.jpg"] for album in albums[5:]]
    for score in (*SCORERS.values(), normalised(cohort)):
        assert (score(shown, [photos[:3] for photos in registered]).argmax(axis=1) == np.arange(5)).all()
    single_photo = [score(shown, [photos[:1] for photos in registered]) for score in SCORERS.values()]
    for other in single_photo[1:]:
        np.testing.assert_allclose(other, single_photo[0], atol=1e-6)


def test_verification_on_known_pairs() -> None:
    albums = crowd(40, 0, photos=4, noise=0.02)
    flat = [(one.embedding, index) for index, album in enumerate(albums) for one in album.shown.values()]
    pairs = pairs_of([vector for vector, _ in flat], [owner for _, owner in flat])
    assert pairs.same.sum() == 40 * 6
    assert (np.diff(pairs.scores) <= 0).all()
    best = accepted(pairs, 1e-3)
    assert best.value == 1.0
    assert best.threshold is not None
    assert accepted(pairs, 1e-6).value is None
    points = curve(pairs)
    assert all(0 <= false <= 1 and 0 <= true <= 1 for false, true in points)
    assert points == sorted(points)


def test_verification_of_noise_accepts_few() -> None:
    random = np.random.default_rng(3)
    vectors = [vector / np.linalg.norm(vector) for vector in random.normal(size=(160, DIMENSION))]
    found = accepted(pairs_of(vectors, [index // 4 for index in range(160)]), 1e-2)
    assert found.value is not None
    assert found.low <= found.value <= found.high
    assert found.value < 0.1


def test_the_report_has_its_keys_and_keeps_the_halves_apart() -> None:
    albums = crowd(120, 200, photos=4, noise=0.05)
    people = [
        Person(album.name, album.known, (), {"cap": "yes" if index % 2 else "no"}) for index, album in enumerate(albums)
    ]
    shots = [
        Shot(album.name, name, variant, shown if index or variant == ORIGINAL else None, 1, {"detect": 2.0})
        for index, album in enumerate(albums)
        for name, shown in album.shown.items()
        for variant in (ORIGINAL, "0.5x")
    ]
    shots.append(Shot("p0", "broken.jpg", ORIGINAL, None, 0, {}, "torn"))
    found = report(people, shots, LIMITS, "report")
    assert found.people == sum(half_of(person.name) == "report" for person in people)
    written = json.loads(json.dumps(report_json(found, "default-1", LIMITS)))
    wanted = {"people", "images", "detection_rate", "tar", "open_set", "degraded", "ms", "by_size", "groups", "split"}
    assert wanted <= set(written)
    assert set(written["tar"]) == {"1e-2", "1e-3", "1e-4"}
    assert [(row["gallery"], row["references"]) for row in written["open_set"]] == [
        (gallery, count) for gallery in (10, 22) for count in (1, 2, 3)
    ]
    for row in written["open_set"]:
        assert {"hit", "wrong_name", "false_name", "threshold"} <= set(row)
        assert row["hit_interval"][0] <= row["hit"] <= row["hit_interval"][1]
        assert row["hit"] > 0.95
    assert {part["name"] for part in written["groups"]} == {"cap=no", "cap=yes"}
    assert [part["name"] for part in written["degraded"]] == [ORIGINAL, "0.5x"]
    for svg in (roc_svg(found.pairs, "ROC"), scores_svg(found.pairs, LIMITS, "Cosine")):
        assert svg.startswith("<svg")
        assert "NaN" not in svg
        assert "nan" not in svg


def test_folders_are_read_and_bad_ones_explained(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="known"):
        read_people(tmp_path)
    for name in ("known/ani/1.jpg", "known/ani/2.JPG", "known/ani/notes.txt", "known/budi/1.png", "unknown/x.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "known" / "empty").mkdir()
    (tmp_path / "groups.csv").write_text("person,hijab\nani,yes\nx,no\n", encoding="utf-8")
    people = read_people(tmp_path)
    assert [(one.name, one.known, len(one.photos)) for one in people] == [
        ("ani", True, 2), ("budi", True, 1), ("unknown/x", False, 1)
    ]  # fmt: skip
    assert [dict(one.groups) for one in people] == [{"hijab": "yes"}, {}, {"hijab": "no"}]
    (tmp_path / "groups.csv").write_text("name\nani\n", encoding="utf-8")
    with pytest.raises(BadInput, match="person"):
        read_people(tmp_path)
    (tmp_path / "groups.csv").unlink()
    (tmp_path / "known" / "ani" / "2.JPG").unlink()
    with pytest.raises(BadInput, match="dua foto"):
        read_people(tmp_path)


def test_halves_are_about_equal_and_depend_on_the_name_alone() -> None:
    names = [f"orang {index}" for index in range(1000)]
    assert 430 < sum(half_of(name) == "tune" for name in names) < 570
    assert [half_of(name) for name in names] == [half_of(name) for name in names]


def test_the_subject_is_big_and_near_the_middle() -> None:
    def at(x: float, y: float, size: float) -> Face:
        return Face((x, y, x + size, y + size), np.zeros((5, 2), np.float32), 0.9)

    middle, aside, big = at(100, 100, 40), at(0, 0, 50), at(60, 60, 120)
    assert subject([aside, middle], 240, 240) is middle
    assert subject([aside, middle, big], 240, 240) is big
    assert subject([], 240, 240) is None


def test_degradations_keep_a_picture_a_picture() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (200, 160, 3), dtype=np.uint8)
    face = Face((40.0, 50.0, 120.0, 150.0), (ARCFACE_TEMPLATE * 0.8 + 36).astype(np.float32), 0.9)
    shapes = {name: change(pixels, face).shape for name, change in DEGRADATIONS.items()}
    assert shapes["0.5x"] == (100, 80, 3)
    assert shapes["0.33x jpeg40"] == (66, 53, 3)
    assert shapes["crop"][1] == pytest.approx(80 / 0.9, abs=2)
    assert shapes["phone"][0] > shapes["phone"][1]
    assert DEGRADATIONS["crop"](pixels, None).shape == pixels.shape


@pytest.mark.parametrize(
    ("cover", "hidden", "seen"),
    [
        ("mask", (56, 90), (38, 50)), ("sunglasses", (38, 52), (56, 90)), ("glasses", (88, 53), (56, 90)),
        ("cap", (56, 5), (56, 90)), ("headscarf", (56, 0), (56, 72)),
    ],
)  # fmt: skip
def test_what_is_worn_hides_its_part_of_the_face_and_no_other(
    cover: str, hidden: tuple[int, int], seen: tuple[int, int]
) -> None:
    """Places in the aligned crop, on a face that is twice as large and lies a little tilted."""
    pixels = np.full((400, 400, 3), 128, np.uint8)
    turn = np.array([[2.0, -0.3], [0.3, 2.0]])
    face = Face((60.0, 60.0, 300.0, 340.0), (ARCFACE_TEMPLATE @ turn.T + (90, 60)).astype(np.float32), 0.9)
    drawn = DEGRADATIONS[cover](pixels, face).astype(int)
    for place, changed in ((hidden, True), (seen, False)):
        column, row = (turn @ place + (90, 60)).round().astype(int)
        assert (abs(drawn[row, column] - 128).max() > 20) == changed, place
    assert DEGRADATIONS[cover](pixels, None) is pixels
