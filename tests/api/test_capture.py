"""What a capturing browser tells: kept as evidence, compared with what arrived, shown with the item; the same once."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app import audit
from app.db.base import now
from app.db.capture_tables import Capture, IntakeKey
from app.db.submission_tables import Submission
from app.intake import capture
from app.screening.trials import _posted
from tests.api.people import add
from tests.api.test_retention import events, keep, run
from tests.api.world import CALL, FORM, World, form, plain, problem, submissions

TOLD = {
    "page_title": "Unggahan contoh", "captured_at": "2026-11-20T09:15:00+08:00", "posted_at": "2 jam",
    "note": "Akun dinas", "evidence": "Baris satu\nBaris dua\n  komentar", "capture_method": "original_bytes",
    "url": "https://www.instagram.com/p/contoh/",
}  # fmt: skip


def sums(*pictures: bytes) -> str:
    return ",".join(hashlib.sha256(one).hexdigest() for one in pictures)


def send(world: World, key: str, text: str = CALL, **fields: str) -> Any:
    headers = {"Content-Type": FORM, "Idempotency-Key": key}
    body = form({"contest": "muara-embun", "text": text} | fields)
    return world.monitor.post("/api/v1/submissions", content=body, headers=headers)


def test_what_was_told_is_kept_and_shown(world: World) -> None:
    picture = plain()
    flag, _ = world.flagged(images=[picture], **TOLD, sha256=sums(picture), text_sha256=sums(CALL.encode()))
    item = world.browser("reviewer").get(f"/api/v1/flags/{flag}").json()
    told = {name: TOLD[name] for name in ("page_title", "captured_at", "posted_at", "note", "evidence")}
    assert item["capture"] == told | {"method": "original_bytes", "verified": True}
    (event,) = events(world, "submission.received")
    assert event.data["verified"] is True
    assert event.data["captured_at"] == TOLD["captured_at"]
    assert event.data["evidence_sha256"] == sums(TOLD["evidence"].encode())
    assert TOLD["note"] not in str(event.data)
    page = world.browser("reviewer").get(f"/antrean/{flag}").text
    for shown in ("Unggahan contoh", "08.15 WIB (2026-11-20T09:15:00+08:00)", "2 jam", "Akun dinas", "Berkas asli",
                  "cocok dengan yang dihitung peramban", "Baris satu\nBaris dua\n  komentar"):  # fmt: skip
        assert shown in page
    assert "Baris" not in str(item["signals"])


def test_an_ordinary_upload_tells_nothing(world: World) -> None:
    flag, _ = world.flagged()
    assert world.browser("reviewer").get(f"/api/v1/flags/{flag}").json()["capture"] is None
    assert "Diunggah" in world.browser("reviewer").get(f"/antrean/{flag}").text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"sha256": "0" * 64}, "sha256"),
        ({"sha256": "xyz"}, "sha256"),
        ({"sha256": f"{'0' * 64} {'1' * 64}"}, "sha256"),
        ({"text_sha256": "0" * 64}, "text_sha256"),
        ({"captured_at": "2026-11-20T09:15:00"}, "captured_at"),
        ({"captured_at": "kemarin"}, "captured_at"),
        ({"captured_at": "0001-01-01T00:00:00+07:00"}, "captured_at"),
        ({"page_title": "x" * 501}, "page_title"),
        ({"evidence": "x" * 200_001}, "evidence"),
    ],
)
def test_what_does_not_hold_is_refused_and_nothing_is_kept(
    tidy_world: World, fields: dict[str, str], field: str
) -> None:
    before = submissions(tidy_world)
    told = problem(tidy_world.submit(CALL, [plain(90)], **fields), 422, field)
    if fields == {"sha256": "0" * 64}:
        assert told["image"] == 0
        assert told["arrived"] == sums(plain(90))
    assert submissions(tidy_world) == before


def test_long_evidence_is_taken(tidy_world: World) -> None:
    answer = tidy_world.submit(CALL, evidence="é\n" * 100_000)
    assert answer.status_code == 202
    with tidy_world.services.sessions() as session:
        assert session.get_one(Capture, uuid.UUID(answer.json()["id"])).evidence == "é\n" * 100_000


def test_a_key_is_one_upload(world: World) -> None:
    key = str(uuid.uuid4())
    first = send(world, key, captured_at=TOLD["captured_at"])
    again = send(world, key, captured_at=TOLD["captured_at"])
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    problem(send(world, key, "Teks lain"), 422, "Idempotency-Key")
    assert submissions(world) == 1
    other = add(world, "orang.lain", role="monitor")[0]
    body = form({"contest": "muara-embun", "text": "Teks lain"})
    answer = other.post("/api/v1/submissions", content=body, headers={"Content-Type": FORM, "Idempotency-Key": key})
    assert answer.status_code == 202, "a key is one person's"
    problem(send(world, "x" * 81), 422, "Idempotency-Key")


def test_keys_are_forgotten_after_thirty_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "TOGETHER", 2)
    keep(world, keep_unreviewed_days=0)
    sent = [send(world, f"kunci-{number}", f"{CALL} {number}").json()["id"] for number in range(5)]
    with world.services.sessions() as session:
        early = update(IntakeKey).where(IntakeKey.key != "kunci-4").values(made_at=now() - timedelta(days=2))
        session.execute(early)
        session.commit()
    run(world, 27)
    problem(send(world, "kunci-0", "Teks lain"), 422, "Idempotency-Key")
    run(world, 29)
    with world.services.sessions() as session:
        assert session.scalars(select(IntakeKey.key)).all() == ["kunci-4"]
    assert send(world, "kunci-0", f"{CALL} 0").json()["id"] == sent[0], "the same upload is the same submission"
    assert send(world, "kunci-1", "Teks lain").json()["id"] not in sent


def test_words_go_with_the_post_and_the_moment_stays(world: World) -> None:
    flag, _ = world.flagged(images=[plain()], **TOLD)
    run(world, 31)
    told = world.browser("auditor").get(f"/api/v1/flags/{flag}").json()["capture"]
    assert told["captured_at"] == TOLD["captured_at"]
    assert [told[name] for name in ("page_title", "posted_at", "note", "evidence")] == [""] * 4
    assert world.browser("auditor").get(f"/antrean/{flag}").status_code == 200


def test_a_known_case_is_given_again_with_its_capture(world: World) -> None:
    world.flagged(**TOLD)
    with world.services.sessions() as session:
        before = session.query(Submission).one()
        before.received_at -= timedelta(days=10)
        cause = Submission(received_at=datetime.now(UTC))
        trial = _posted(session, cause, before)
        told = session.get_one(Capture, trial.id)
        assert told.evidence == TOLD["evidence"]
        assert told.captured_at == "2026-11-30T09:15:00+08:00"


def test_people_look_again_on_the_pages(world: World) -> None:
    flag, _ = world.flagged(url="https://www.instagram.com/p/contoh/")
    reviewer = world.browser("reviewer")
    submission = reviewer.get(f"/api/v1/flags/{flag}").json()["submission"]
    own = world.monitor.get("/kiriman").text
    assert f'action="/kiriman/{submission}/cek-ulang"' in own
    done = world.monitor.post(f"/kiriman/{submission}/cek-ulang", data={"status": "still_there"})
    assert done.headers["location"] == f"/kiriman?dicek={submission}"
    assert "Diperiksa ulang: masih ada" in world.monitor.get(done.headers["location"]).text
    path = f"/kiriman/{submission}/cek-ulang"
    assert f'action="{path}"' in reviewer.get(f"/antrean/{flag}").text
    problem(reviewer.post(path, data={"status": "mungkin"}), 422, "status")
    done = reviewer.post(path, data={"status": "gone", "butir": flag})
    assert done.headers["location"] == f"/antrean/{flag}?sudah=recheck"
    page = reviewer.get(done.headers["location"]).text
    assert "Pemeriksaan ulang dicatat" in page
    assert page.index("sudah tidak ada</strong>") < page.index("masih ada</strong>")
    looks = reviewer.get(f"/api/v1/flags/{flag}").json()["rechecks"]
    assert [(one["status"], one["by"]) for one in looks] == [("still_there", "monitor"), ("gone", "reviewer")]
    assert "cek-ulang" not in world.browser("auditor").get(f"/antrean/{flag}").text
    with world.services.sessions() as session:
        assert audit.verify(session).broken_at is None


def test_the_same_look_sent_twice_is_one(world: World) -> None:
    submission = world.submit(CALL).json()["id"]
    path, body = f"/api/v1/submissions/{submission}/rechecks", {"status": "gone", "at": datetime.now(UTC).isoformat()}
    numbers = {world.monitor.post(path, json=body).json()["event"] for _ in range(2)}
    assert len(numbers) == 1
    assert len(events(world, "submission.rechecked")) == 1
