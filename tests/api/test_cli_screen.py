"""`netra screen`: exit codes, stable JSON, and the same pipeline on files as on the server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Never

import pytest

from app.cli.description import describe
from app.demo.pictures import group_photo
from app.errors import BadInput, NotReady
from app.imaging.redact import encode_jpeg
from app.rules.judge import judge
from app.rules.signals import Evidence, PictureEvidence
from app.screening.offline import no_contest
from app.screening.pipeline import Screened
from app.vision.observations import Observations
from tests.api.command import Netra
from tests.api.world import CALL, CONTEST, plain, roster_document
from tests.conftest import REPOSITORY
from tests.unit import situations

KEYS = [
    "path", "flagged", "band", "score", "paslon", "faces", "hands", "text", "signals", "context", "timings_ms",
    "groups", "notes", "versions",
]  # fmt: skip
FACE_KEYS = {"box", "candidate", "paslon", "score", "band", "size", "hint", "contest", "quality", "seen"}
HAND_KEYS = {
    "box", "fingers", "name", "confidence", "readable", "face", "right", "turn", "size", "picture",
}  # fmt: skip
command = import_module("app.cli.screen")  # app.cli has the function under this name
SIGNAL_KEYS = {
    "tag", "kind", "code", "paslon", "weight", "sentence_id", "sentence_en", "direction", "picture", "box", "field",
    "line", "span", "quote",
}  # fmt: skip


def test_nothing_to_report_is_exit_code_0(netra: Netra, tmp_path: Path) -> None:
    (tmp_path / "polos.jpg").write_bytes(plain())
    result = netra("screen", "polos.jpg", "--text", "Rapat koordinasi besok pagi", "--json")
    assert result.code == 0
    (found,) = json.loads(result.out)
    assert list(found) == KEYS
    assert (found["path"], found["flagged"], found["band"], found["paslon"]) == ("polos.jpg", False, "none", None)
    assert (found["faces"], found["hands"], found["text"]) == ([], [], [])
    context = found["context"]
    assert (context["contest"], context["stage"], context["track"]) == (None, None, None)  # no roster, no calendar
    assert set(found["timings_ms"]) == {"decode", "copies", "faces", "hands", "reading", "text", "match", "judge"}


def test_a_flagged_file_is_exit_code_10_with_every_key(netra: Netra, roster: Path, tmp_path: Path) -> None:
    (tmp_path / "bersama.jpg").write_bytes(encode_jpeg(group_photo()))
    result = netra("screen", "bersama.jpg", "--text", CALL.replace("3", "2"), "--roster", roster, "--json")
    assert result.code == 10, result.said
    (found,) = json.loads(result.out)
    assert list(found) == KEYS
    assert (found["flagged"], found["band"], found["paslon"]) == (True, "high", 2)
    assert 0 <= found["score"] <= 1
    assert len(found["faces"]) == 6
    assert all(face.keys() >= FACE_KEYS for face in found["faces"])
    named = {face["candidate"]: face["paslon"] for face in found["faces"] if face["candidate"]}
    assert named == {"Bagus Tirtamaya, S.T.": 2, "Hj. Nirmala Sekarwati, S.Sos.": 2}
    assert {face["band"] for face in found["faces"] if face["candidate"] is None} <= {"none", "review", "too_small"}
    assert found["signals"]
    for signal in found["signals"]:
        assert signal.keys() == SIGNAL_KEYS
        assert signal["sentence_id"]
        assert signal["sentence_en"]
    for hand in found["hands"]:
        assert hand.keys() == HAND_KEYS
        assert re.fullmatch("[01]{5}", hand["fingers"])
    for line in found["text"]:
        assert line.keys() == {"line", "box", "signals"}
    assert {"F1", "K1"} <= {signal["tag"] for signal in found["signals"]}
    call = next(signal for signal in found["signals"] if signal["code"] == "AJAKAN_KUAT")
    assert CALL.replace("3", "2")[slice(*call["span"])] == call["quote"]
    likeness = next(signal for signal in found["signals"] if signal["tag"] == "F1")
    assert (likeness["kind"], likeness["picture"], likeness["box"]) == ("face", 0, found["faces"][0]["box"])
    assert found["versions"].keys() == {"models", "rules", "roster", "pipeline"}
    assert found["context"]["rules"] == found["versions"]["rules"]
    assert found["context"]["contest"] == CONTEST
    assert found["context"].keys() >= {"contest", "on", "stage", "track", "articles", "direction", "against"}


def test_people_with_one_pose_are_counted_beside_chance() -> None:
    faces = tuple(situations.face("?")[0] for _ in range(4))
    hands = tuple(situations.hand("peace", owner=place) for place in range(3))
    models = SimpleNamespace(pack="p", rules=situations.RULES, text_model=None)
    field = no_contest(situations.VOTING_DAY)
    seen = PictureEvidence(Observations(640, 480, faces, hands), (situations.face("?")[1],) * 4)
    post = Evidence((seen,))
    result = Screened(judge(post, field.contest, situations.VOTING_DAY, situations.RULES), post, (), {})
    found = describe(None, result, field, situations.VOTING_DAY, models)  # type: ignore[arg-type]
    assert [(one["people"], one["of"], one["picture"]) for one in found["groups"]] == [(3, 4, 0)]
    assert 0 < found["groups"][0]["chance"] < 0.01
    assert [note["code"] for note in found["notes"]] == ["GROUP"]
    assert [(hand["face"], hand["size"]) for hand in found["hands"]] == [(0, 70.0), (1, 70.0), (2, 70.0)]


def test_text_alone(netra: Netra, roster: Path) -> None:
    result = netra("screen", "--text", CALL, "--roster", roster, "--json")
    assert result.code == 10
    (found,) = json.loads(result.out)
    assert (found["path"], found["paslon"]) == (None, 3)
    table = netra("screen", "--text", CALL, "--roster", roster)
    assert table.code == 10
    assert "(teks)" in table.said


def test_the_day_of_the_act_decides_on_the_stage(netra: Netra, roster: Path) -> None:
    voting_day = roster_document()["election"]["voting_day"]
    for day, stage in ((voting_day, "pemungutan_suara"), ("2020-01-01", None)):
        (found,) = json.loads(netra("screen", "--text", CALL, "--roster", roster, "--on", day, "--json").out)
        assert found["context"]["on"] == day
        assert stage is None or found["context"]["stage"] == stage
        assert found["context"]["stage"] != "kampanye"
    assert netra("screen", "--text", CALL, "--on", "2020-13-01").code == 2


def test_a_folder_is_walked_and_what_cannot_be_read_is_named(netra: Netra, roster: Path, tmp_path: Path) -> None:
    folder = tmp_path / "foto"
    (folder / "dalam").mkdir(parents=True)
    for name, data in {
        "a.jpg": plain(), "dalam/b.PNG": plain(kind="PNG"), "rusak.jpeg": plain()[:200], "kosong.webp": b"",
        "catatan.txt": b"bukan gambar",
    }.items():  # fmt: skip
        (folder / name).write_bytes(data)
    result = netra("screen", folder, "--roster", roster, "--json")
    assert result.code == 2
    found = json.loads(result.out)
    assert [Path(one["path"]).name for one in found] == ["a.jpg", "b.PNG", "kosong.webp", "rusak.jpeg"]
    assert [list(one)[: len(KEYS)] for one in found] == [KEYS] * 4
    assert ["error" in one for one in found] == [False, False, True, True]
    assert "empty" in found[2]["error"]
    assert "rusak.jpeg" in result.said


@pytest.mark.parametrize("paths", [["polos.jpg"], []])
def test_a_part_that_is_missing_is_not_the_fault_of_the_file(
    netra: Netra, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str]
) -> None:
    (tmp_path / "polos.jpg").write_bytes(plain())
    monkeypatch.setattr(command, "screen_post", failing(NotReady("Model hilang / A model is missing")))
    result = netra("screen", *paths, "--text", CALL, "--json")
    assert (result.code, result.out) == (3, "")
    assert "A model is missing" in result.said


def test_a_refusal_of_the_text_alone_names_no_file(netra: Netra, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "screen_post", failing(BadInput("Salah / Wrong")))
    result = netra("screen", "--text", CALL, "--json")
    assert result.code == 2
    assert json.loads(result.out)[0]["error"] == "Salah / Wrong"
    assert "netra: Salah / Wrong" in result.said


def failing(error: Exception) -> Callable[..., Never]:
    """A pipeline that ends like this."""

    def screen(*_: object) -> Never:
        raise error

    return screen


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["tidak-ada.jpg"], "No such file"),
        ([], "Name a picture"),
        (["."], "Name a picture"),
        (["--text", "  "], "Name a picture"),
        (["--text", "a" * 10_001], "10000"),
        (["--text", CALL, "--roster", "tidak-ada.json"], "cannot be read"),
        (["--text", CALL, "--roster", "rusak.json"], "not valid JSON"),
        (["--text", CALL, "--contest", "lain", "--roster", "roster/roster.json"], "Name one of: muara-embun"),
        (["catatan.jpg"], "Not an intact"),
        (["--tidak-ada"], "No such option"),
    ],
    ids=lambda given: str(given)[:30],
)
def test_bad_input_is_exit_code_2(netra: Netra, roster: Path, tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "rusak.json").write_text("{")
    (tmp_path / "catatan.jpg").write_text("bukan gambar")
    (tmp_path / "roster" / "bagus-1.png").rename(tmp_path / "roster" / "lain.gif")
    for picture in (tmp_path / "roster").glob("*.png"):
        if arguments == ["."]:
            picture.unlink()
    if arguments == ["."]:
        (tmp_path / "catatan.jpg").unlink()
    result = netra("screen", *arguments)
    assert result.code == 2, result.said
    assert words in result.said
    assert "Traceback" not in result.said


def test_a_registered_photo_that_is_missing_is_told_and_the_others_serve(
    netra: Netra, roster: Path, tmp_path: Path
) -> None:
    (roster.parent / "bagus-1.png").unlink()
    result = netra("screen", "--text", CALL, "--roster", roster, "--json")
    assert result.code == 10
    assert "bagus-1.png" in result.err
    for number in (2, 3):
        (roster.parent / f"bagus-{number}.png").unlink()
    result = netra("screen", "--text", CALL, "--roster", roster)
    assert result.code == 2
    assert "Bagus Tirtamaya" in result.said


def test_names_of_files_cannot_steer_the_terminal(netra: Netra, tmp_path: Path) -> None:
    name = "\x1b]0;judul\x07[bold]foto\u202egpj.jpg"
    (tmp_path / name).write_bytes(plain())
    result = netra("screen", name)
    assert result.code == 0
    assert "\x1b]" not in result.out
    assert "\u202e" not in result.out
    assert "\\x1b]0;judul\\x07[bold]foto\\u202egpj.jpg" in "".join(re.sub(r"[\s│]", "", result.out))


def test_surrogates_and_controls_from_the_shell(netra: Netra, tmp_path: Path) -> None:
    name = "foto\udcff.jpg"
    (tmp_path / name).write_bytes(plain())
    assert netra("screen", name, "--text", "a\udcffb\x1b[31m", "--json").code == 0
    assert netra("screen", name).code == 0


def test_the_installed_command(roster: Path, tmp_path: Path, model_folder: Path) -> None:
    """The real thing once, in a process of its own, far from any database."""
    (tmp_path / "polos.jpg").write_bytes(plain())
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NETRA_")}
    environment |= {"NETRA_DATA_DIR": str(tmp_path / "data"), "NETRA_MODELS_DIR": str(model_folder.parent)}
    command = [sys.executable, "-c", "from app.cli import main; main()", "screen", "polos.jpg", "--text", CALL]
    done = subprocess.run(
        [*command, "--roster", str(roster), "--json"], cwd=tmp_path, env=environment | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 10, done.stderr
    assert json.loads(done.stdout)[0]["paslon"] == 3
    assert not (tmp_path / "data").exists()


# -- real photos ----------------------------------------------------------------------------------------------------


def test_five_registered_people_among_twenty_photos(netra: Netra, shared_data: Path, tmp_path: Path) -> None:
    """The right people are named and all others are left unnamed."""
    known, unknown = shared_data / "faces" / "known", shared_data / "faces" / "unknown"
    people = [folder for folder in sorted(known.iterdir()) if len(list(folder.glob("*.jpg"))) >= 5][:5]
    assert len(people) == 5
    folder = tmp_path / "foto"
    folder.mkdir()
    pairs = []
    for number, person in enumerate(people, 1):
        photos = sorted(person.glob("*.jpg"))
        for photo in photos[:3]:
            shutil.copy(photo, tmp_path / photo.name)
        for photo in photos[3:5]:
            shutil.copy(photo, folder / photo.name)
        registered = {"name": person.name, "photos": [photo.name for photo in photos[:3]]}
        pairs.append({"number": number, "candidates": [registered]})
    for photo in sorted(unknown.glob("*.jpg"))[:10]:
        shutil.copy(photo, folder / photo.name)
    document = roster_document()
    document["contests"][0]["paslon"] = pairs
    (tmp_path / "roster.json").write_text(json.dumps(document), encoding="utf-8")
    result = netra("screen", folder, "--roster", tmp_path / "roster.json", "--json")
    found = json.loads(result.out)
    assert len(found) == 20
    right = 0
    for one in found:
        owner = Path(one["path"]).name.rsplit("_", 1)[0]
        names = {face["candidate"] for face in one["faces"]} - {None}
        assert names <= {owner}, f"{one['path']}: {names}"
        right += owner in names
    assert right >= 9, f"{right} of 10 photos of registered people named"
    assert result.code == 10
