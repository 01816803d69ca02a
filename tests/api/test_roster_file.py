"""Rosters by file, photos at rest, and running processes that notice both."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from app.auth.principal import SYSTEM
from app.cli.roster import enrol_photos
from app.db.event_tables import Event
from app.demo.pictures import group_photo, reference_photos
from app.errors import BadInput, NotReady
from app.imaging.redact import encode_jpeg
from app.roster.file import parse_roster, read_roster
from app.roster.gallery import load_gallery
from app.roster.service import Imported, import_roster
from app.roster.vault import seal, unseal
from app.screening.service import field_for
from app.sealing import fernet
from tests.api.conftest import settings_for
from tests.api.rosters import BAGUS, NIRMALA, events, photos, upload, version
from tests.api.world import CALL, CONTEST, World, plain, roster_document, write_roster


def bring(world: World, path: Path) -> tuple[Imported, int]:
    """What `netra roster import` does, with the models that are loaded already."""
    with world.services.sessions() as session:
        done = import_roster(session, SYSTEM, read_roster(path), path.parent)
        session.commit()
        return done, enrol_photos(session, world.settings, done, world.services.models)


# -- by file --------------------------------------------------------------------------------------------------------


def test_a_roster_is_imported_with_its_photos_and_again_nothing_changes(world: World, tmp_path: Path) -> None:
    path = write_roster(tmp_path / "roster")
    _, refused = bring(world, path)
    assert refused == 0
    assert photos(world) == {BAGUS: 3, NIRMALA: 3}
    before = events(world), version(world)
    done, refused = bring(world, path)
    assert (len(done.photos), refused) == (6, 0)
    assert photos(world) == {BAGUS: 3, NIRMALA: 3}
    assert (events(world), version(world)) == before
    whole = world.monitor.get(f"/api/v1/contests/{CONTEST}").json()
    assert [pair["number"] for pair in whole["paslon"]] == [1, 2, 3, 4]
    person = whole["paslon"][1]["candidates"][0]
    assert (person["id"], person["name"], person["nicknames"]) == (BAGUS, "Bagus Tirtamaya, S.T.", ["Pak Bagus"])
    assert all(photo["model"] == world.services.models.embedder.model for photo in person["photos"])
    assert "embedding" not in str(whole)


def test_only_what_differs_becomes_an_event(world: World) -> None:
    document = roster_document()
    document["contests"][0]["paslon"][2]["slogans"].append("Sehat untuk Semua")
    before = events(world)
    with world.services.sessions() as session:
        import_roster(session, SYSTEM, parse_roster(document), Path())
        session.commit()
        added = session.scalars(select(Event).where(Event.id > before)).all()
    assert [(event.action, event.object_id) for event in added] == [("paslon.updated", f"{CONTEST}/3")]


def test_photos_that_cannot_serve_are_named_and_the_others_enrolled(
    world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_roster(tmp_path / "roster")
    (path.parent / "bagus-2.png").write_bytes(plain(kind="PNG", size=(300, 300)))
    (path.parent / "nirmala-1.png").write_bytes(b"rusak")
    _, refused = bring(world, path)
    assert refused == 2
    assert photos(world) == {BAGUS: 2, NIRMALA: 2}
    told = " ".join(capfd.readouterr().err.split())
    assert "bagus-2.png: Tidak ada wajah" in told
    assert "nirmala-1.png: Bukan gambar" in told


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d["election"].pop("voting_day"), "election.voting_day"),
        (lambda d: d["election"].update(voting_day="9999-12-31"), "election.voting_day"),
        (lambda d: d["election"].update(voting_day="kelak"), "election.voting_day"),
        (lambda d: d["election"].update(kind="pilkades"), "election.kind"),
        (lambda d: d["contests"].clear(), "contests"),
        (lambda d: d["contests"].append(d["contests"][0]), "roster"),
        (lambda d: d["contests"][0].update(id="a/b"), "contests.0.id"),
        (lambda d: d["contests"][0].update(timezone="Asia/Jakarta2"), "contests.0.timezone"),
        (lambda d: d["contests"][0]["region"].update(code="Banten"), "contests.0.region.code"),
        (lambda d: d["contests"][0].update(stages=[{"stage": "x", "first": "2026-01-01", "last": "2026-02-01"}]),
         "contests.0"),
        (lambda d: d["contests"][0].update(stages=[{"stage": "kampanye", "first": "2026-03-01", "last": "2026-02-01"}]),
         "contests.0.stages.0"),
        (lambda d: d["contests"][0]["paslon"][0].update(number=2), "contests.0"),
        (lambda d: d["contests"][0]["paslon"][0].update(number=0), "contests.0.paslon.0.number"),
        (lambda d: d["contests"][0]["paslon"][0].update(alias=["salah ketik"]), "contests.0.paslon.0.alias"),
        (lambda d: d["contests"][0]["paslon"][0].update(candidates=[]), "contests.0.paslon.0.candidates"),
        (lambda d: d["contests"][0]["paslon"][0]["candidates"][0].update(name="a\0b"),
         "contests.0.paslon.0.candidates.0.name"),
        (lambda d: d["contests"][0]["paslon"][0]["candidates"][0].update(name="  "),
         "contests.0.paslon.0.candidates.0.name"),
    ],
)  # fmt: skip
def test_mistakes_in_a_roster_are_named_by_place(tmp_path: Path, change: Any, place: str) -> None:
    document = roster_document()
    change(document)
    path = tmp_path / "roster.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_roster(path)
    assert caught.value.field == place


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"election": 1}'])
def test_files_that_are_no_roster(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "roster.json"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        read_roster(path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_roster(tmp_path / "tidak-ada.json")


@pytest.mark.parametrize("name", ["../luar.png", "/etc/hostname", "tidak-ada.png", "."])
def test_photos_outside_the_folder_or_missing(world: World, tmp_path: Path, name: str) -> None:
    document = roster_document()
    document["contests"][0]["paslon"][0]["candidates"][0]["photos"] = [name]
    (tmp_path / "luar.png").write_bytes(plain())
    folder = tmp_path / "roster"
    folder.mkdir()
    with world.services.sessions() as session:
        done = import_roster(session, SYSTEM, parse_roster(document), folder)
        assert [error.field for error in done.refused] == ["photos"]
        assert name in done.refused[0].detail
        assert done.photos == []
        assert done.contests == [CONTEST]


# -- in running processes -------------------------------------------------------------------------------------------


def test_a_running_process_notices_photos_that_come_and_go(world: World) -> None:
    group = encode_jpeg(group_photo())

    def codes(text: str) -> set[str]:
        location = world.submit(text, [group]).headers["Location"]
        world.screen_now()
        flag = world.monitor.get(location).json()["flag"]
        if flag is None:
            return set()
        shown = world.browser("reviewer").get(f"/api/v1/flags/{flag['id']}").json()
        return {signal["code"] for signal in shown["signals"] if signal["kind"] == "face"}

    assert codes("Pagi") == set()
    added = upload(world, BAGUS, reference_photos()["bagus-1.png"]).json()["id"]
    assert codes("Siang") == {"FACE_MATCH"}
    world.browser("admin").delete(f"/api/v1/photos/{added}")
    assert codes("Malam") == set()


def test_a_running_process_notices_new_words(world: World) -> None:
    text = "Salam dari barisan Wisanggeniwati, coblos bersama kami!"
    pair = roster_document()["contests"][0]["paslon"][2]

    def pairs() -> set[str | None]:
        with world.services.sessions() as session:
            chosen = field_for(world.services, session, CONTEST)
        return {pair.id for pair in chosen.contest.paslon if "Wisanggeniwati" in pair.aliases}

    assert pairs() == set()
    pair["aliases"].append("Wisanggeniwati")
    world.browser("coordinator").put(f"/api/v1/contests/{CONTEST}/paslon", json=pair)
    assert pairs() == {f"{CONTEST}/3"}
    flag_id, _ = world.flagged(text)
    assert world.browser("reviewer").get(f"/api/v1/flags/{flag_id}").json()["paslon"]["number"] == 3


def test_the_flag_knows_which_roster_it_was_screened_with(world: World) -> None:
    flag_id, _ = world.flagged(CALL)
    shown = world.browser("reviewer").get(f"/api/v1/flags/{flag_id}").json()
    assert shown["versions"]["roster"] == version(world)


# -- the vault ------------------------------------------------------------------------------------------------------


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    settings = settings_for("", tmp_path / "data")
    vector = np.arange(8, dtype=np.float32)
    token = seal(fernet(settings), vector)
    assert vector.tobytes() not in token
    assert (unseal(fernet(settings), token) == vector).all()
    key = tmp_path / "data" / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_another_key_opens_nothing_and_says_so(world: World) -> None:
    upload(world, BAGUS, reference_photos()["bagus-1.png"])
    other = settings_for("", world.settings.data_dir, secret_key="kunci lain")
    with world.services.sessions() as session:
        with pytest.raises(NotReady, match="secret"):
            load_gallery(session, other, CONTEST, world.services.models.embedder.model)
        assert len(load_gallery(session, world.settings, CONTEST, "model lain").candidates) == 0
