"""A trained score through the service: drafted, used, weighed as its own signal, rolled back, switched off; and
comments that answer a post, accounts of newsrooms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.db.event_tables import Event
from app.db.flag_tables import Screening
from app.text.features import features
from app.text.learned import REPORT_KEYS, build_model, model_to_text
from tests.api.command import Netra
from tests.api.world import World, problem

WHY = "Dilatih dari putusan bulan lalu"
REPORT = dict.fromkeys(REPORT_KEYS, 0.9) | {"n": 100, "positive": 50, "groups": 40, "folds": 5, "calibration": []}
URL = "/api/v1/text-models"
NAMED = "ARLIS di pasar pagi"


def model_file(offset: float = 8.0, report: dict[str, Any] | None = None) -> str:
    """A model that says the same of every text, nearly sure of it."""
    buckets = sorted(features("qpasangan"))
    none = [0.0] * len(buckets)
    told = REPORT if report is None else report
    return model_to_text(build_model(buckets, none, [1.0] * len(buckets), 0.0, 1.0, offset, told))


def drafted(world: World, offset: float = 8.0) -> int:
    answer = world.browser("coordinator").post(URL, json={"model": model_file(offset), "reason": WHY})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def use(world: World, version: int, replaces: int | None) -> Any:
    body = {"reason": WHY, "replaces": replaces}
    return world.browser("coordinator").post(f"{URL}/{version}/publication", json=body)


def screened(world: World, text: str, **fields: str) -> Screening:
    """The screening of a new post."""
    answer = world.submit(text, **fields)
    assert answer.status_code == 202, answer.text
    world.screen_now()
    with world.services.sessions() as session:
        return session.scalars(select(Screening).order_by(Screening.created_at.desc(), Screening.id)).all()[0]


def weights(screening: Screening) -> dict[str, float]:
    return {signal["code"]: signal["weight"] for signal in screening.signals}


def test_only_a_coordinator_with_a_report_and_a_reason(sqlite_world: World) -> None:
    world = sqlite_world
    for login in ("reviewer", "admin"):
        problem(world.browser(login).post(URL, json={"model": model_file(), "reason": WHY}), 403)
    coordinator = world.browser("coordinator")
    problem(coordinator.post(URL, json={"model": model_file(), "reason": "pendek"}), 422, "reason")
    problem(coordinator.post(URL, json={"model": "{}", "reason": WHY}), 422, "model")
    problem(coordinator.post(URL, json={"model": model_file(report={"n": 3}), "reason": WHY}), 422, "model")
    version = drafted(world)
    assert drafted(world) == version
    assert coordinator.get(URL).json()["live"] is None
    problem(use(world, 999, None), 404)
    problem(use(world, version, version), 409)


def test_used_weighed_rolled_back_and_switched_off(world: World) -> None:
    assert "TEXT_MODEL" not in weights(screened(world, NAMED))
    sure, unsure = drafted(world), drafted(world, -8.0)
    assert use(world, sure, None).status_code == 201
    first = screened(world, f"{NAMED} sekali")
    assert weights(first)["TEXT_MODEL"] == pytest.approx(1.6, abs=0.01)
    assert first.pipeline_version.endswith(first.versions["text_model"])
    assert "TEXT_MODEL" not in weights(screened(world, "pasar pagi ini ramai"))
    assert use(world, unsure, sure).status_code == 201
    assert "TEXT_MODEL" not in weights(screened(world, f"{NAMED} dua"))
    problem(use(world, sure, sure), 409)
    assert use(world, sure, unsure).status_code == 201
    assert "TEXT_MODEL" in weights(screened(world, f"{NAMED} lagi"))
    coordinator = world.browser("coordinator")
    stopped = coordinator.post(f"{URL}/{sure}/withdrawal", json={"reason": WHY})
    assert stopped.json()["live"] is None
    problem(coordinator.post(f"{URL}/{sure}/withdrawal", json={"reason": WHY}), 409)
    last = screened(world, f"{NAMED} akhir")
    assert "TEXT_MODEL" not in weights(last)
    assert "text_model" not in last.versions
    with world.services.sessions() as session:
        told = session.scalars(select(Event.action).where(Event.object_type == "text_model").order_by(Event.id)).all()
    assert [action.removeprefix("text_model.") for action in told] == [
        "drafted", "drafted", "published", "published", "published", "withdrawn",
    ]  # fmt: skip


def test_the_item_explains_it_and_correcting_keeps_it(sqlite_world: World) -> None:
    world = sqlite_world
    use(world, drafted(world), None)
    flag, seen = world.flagged("ARLIS mantap, terbaik")
    reviewer = world.browser("reviewer")
    said = reviewer.get(f"/api/v1/flags/{flag}").json()
    assert "petunjuk lemah" in next(s["sentence_id"] for s in said["signals"] if s["code"] == "TEXT_MODEL")
    page = reviewer.get(f"/antrean/{flag}")
    assert page.status_code == 200
    assert "Skor terlatih" in page.text
    reviewer.post(f"/api/v1/flags/{flag}/claim")
    body = {"account": "media", "reason": "Akun kantor berita", "seen": world.last_event(flag)}
    assert reviewer.post(f"/api/v1/flags/{flag}/corrections", json=body).status_code == 201, seen
    codes = {signal["code"] for signal in reviewer.get(f"/api/v1/flags/{flag}").json()["signals"]}
    assert codes >= {"TEXT_MODEL", "MEDIA_ACCOUNT"}


def test_the_page_hands_in_uses_and_stops(sqlite_world: World) -> None:
    coordinator = sqlite_world.browser("coordinator")
    assert "Belum ada model" in coordinator.get("/skor-teks").text
    file = {"berkas": ("m.json", model_file(), "application/json")}
    assert coordinator.post("/skor-teks", files=file, data={"alasan": WHY}).status_code == 303
    page = coordinator.get("/skor-teks").text
    assert "AUC" in page
    assert coordinator.post("/skor-teks/1/pakai", data={"alasan": "pendek", "ganti": ""}).status_code == 422
    assert coordinator.post("/skor-teks/1/pakai", data={"alasan": WHY, "ganti": ""}).status_code == 303
    assert "Hentikan pemakaian" in coordinator.get("/skor-teks").text
    assert coordinator.post("/skor-teks/1/hentikan", data={"alasan": WHY}).status_code == 303
    assert sqlite_world.browser("auditor").get("/skor-teks").status_code == 200
    for bad in ({"berkas": ("m.json", b"\xff", "application/json")}, {"berkas": ("m.json", "{}", "text/plain")}):
        assert coordinator.post("/skor-teks", files=bad, data={"alasan": WHY}).status_code == 422


def test_a_comment_answers_the_text_above_it(sqlite_world: World) -> None:
    world = sqlite_world
    alone = screened(world, "gas terus!")
    assert alone.band == "none"
    answering = screened(world, "gas terus!", parent_text="Bersama Bagus Tirtamaya membangun desa")
    assert answering.band != "none"
    call = next(signal for signal in answering.signals if signal["code"] == "AJAKAN_LEMAH")
    assert call["paslon"] == "muara-embun/2"
    assert call["params"]["assumed"] == 1
    both = screened(world, "gas terus!", parent_text="Debat Bagus Tirtamaya dan Arman Dipasena")
    assert both.band == "none"
    under = screened(world, "gas terus!", parent="@bani_muaraembun")
    assert [signal["code"] for signal in under.signals].count("AJAKAN_LEMAH") <= 1


def test_whose_account_is_checked_and_kept(sqlite_world: World) -> None:
    problem(sqlite_world.submit("x", account="kantor"), 422, "account")
    problem(sqlite_world.submit("x", parent_text="y" * 10_001), 422, "parent_text")
    row = sqlite_world.row(sqlite_world.submit("x", account="media", parent_text="a\r\nb").json()["id"])
    assert (row.account, row.parent_text.split()) == ("media", ["a", "b"])
    assert sqlite_world.row(sqlite_world.submit("x").json()["id"]).account == "unknown"


def test_training_from_files_and_from_decisions(netra: Netra, tmp_path: Path) -> None:
    names = {"uji": {"region": "Muara Embun", "pairs": [{"number": 2, "head": "Bagus Tirtamaya"}]}}
    (tmp_path / "registry.json").write_text(json.dumps(names))
    words = ("pasar", "sawah", "kebun", "pantai", "gunung", "sungai", "kota", "desa", "ladang", "hutan", "teluk")
    rows = []
    for n in range(120):
        place = f"{words[n % 7]} {words[n % 11]} {words[n // 11]} {words[(n * n) % 9]} {words[(n * 5) % 8]}"
        text = f"Bagus Tirtamaya {'jempolan' if n % 2 else 'rapat'} {place}"
        rows.append({"text": text, "label": "pro" if n % 2 else "neutral"})
    texts, out = tmp_path / "teks.jsonl", tmp_path / "model.json"
    texts.write_text("\n".join(json.dumps(row) for row in rows))
    result = netra("text", "train", texts, "--registry", "uji", "--out", out, "--json")
    assert result.code == 0, result.said
    report = json.loads(result.out)
    assert report.keys() >= REPORT_KEYS
    assert "tirtamaya" not in out.read_text().lower()
    assert netra("text", "train", texts).code == 2
    assert netra("text", "train").code == 2
    netra("migrate")
    few = netra("text", "train", "--from-decisions")
    assert (few.code, "Too little material" in few.said) == (2, True)
