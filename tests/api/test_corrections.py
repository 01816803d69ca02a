"""Correcting facts, looking again at the original, handing over: refusals, permissions, and the pages that do it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app import audit
from tests.api.people import act, add, read, verdict
from tests.api.world import World, problem

REASON = "EXIF menunjukkan hari lain"


def yesterday(days: int = 1) -> str:
    return (date.today() - timedelta(days=days)).isoformat()


def told(item: dict) -> list[dict]:
    """The signals without what names the subject."""
    return [signal | {"params": {}, "sentence_id": "", "sentence_en": ""} for signal in item["signals"]]


def test_a_correction_changes_what_follows_and_keeps_what_was(world: World) -> None:
    flag_id, seen = world.flagged(subject_type="pns", platform="whatsapp")
    reviewer = world.browser("reviewer")
    before = read(reviewer, flag_id)
    answer = act(reviewer, flag_id, "corrections", subject_type="pppk", public="yes", reason=REASON, seen=seen)
    assert answer.status_code == 201, answer.text
    after = read(reviewer, flag_id)
    assert (before["context"]["public"], after["context"]["public"]) == ("no", "yes")
    assert before["articles"][0]["sanction_id"] != after["articles"][0]["sanction_id"]
    assert "PPPK" in next(s["sentence_id"] for s in after["signals"] if s["code"] == "SUBJECT_DUTY")
    event = after["events"][-1]
    assert event["action"] == "flag.corrected"
    assert event["data"]["changed"] == {"subject_type": ["pns", "pppk"], "public": ["no", "yes"]}
    assert after["last_event"] == event["id"]
    assert after["versions"]["pipeline"] != before["versions"]["pipeline"]
    problem(act(reviewer, flag_id, "corrections", children=True, reason=REASON, seen=seen), 409)
    with world.services.sessions() as session:
        assert audit.verify(session).broken_at is None


def test_signals_stay_as_they_were_where_no_fact_matters(world: World) -> None:
    """Judged from what is stored, everything but the new fact comes out the same."""
    flag_id, seen = world.flagged(subject_type="pns", text="Ayo coblos nomor 3, lanjutkan! #CADAlanjutkan 👍")
    reviewer = world.browser("reviewer")
    before = read(reviewer, flag_id)
    act(reviewer, flag_id, "corrections", subject_type="pppk", reason=REASON, seen=seen)
    after = read(reviewer, flag_id)
    assert told(before) == told(after)
    assert (before["score"], before["band"]) == (after["score"], after["band"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"act_date": "2999-01-01"}, "act_date"),
        ({"act_date": "1999-01-01"}, "act_date"),
        ({"act_date": "kemarin"}, "act_date"),
        ({"subject_type": "dukun"}, "subject_type"),
        ({"public": "mungkin"}, "public"),
        ({"track": "pidana"}, "track"),
        ({"parent": "x" * 201}, "parent"),
        ({"reason": "salah"}, "reason"),
        ({}, "act_date"),
        ({"subject_type": "unknown"}, "act_date"),
        ({"score": 1}, "score"),
    ],
)
def test_what_cannot_be_is_refused(world: World, body: dict, field: str) -> None:
    flag_id, seen = world.flagged()
    answer = act(world.browser("reviewer"), flag_id, "corrections", **({"reason": REASON, "seen": seen} | body))
    problem(answer, 422, field)
    assert read(world.browser("reviewer"), flag_id)["last_event"] == seen


def test_only_who_may_decide_corrects_and_only_while_it_is_open(world: World) -> None:
    first, second = add(world, "ani", "budi")
    flag_id, seen = world.flagged()
    change = {"subject_type": "pns", "reason": REASON}
    problem(act(world.browser("auditor"), flag_id, "corrections", seen=seen, **change), 403)
    held = act(first, flag_id, "claim")
    assert held.status_code == 200
    problem(act(second, flag_id, "corrections", seen=seen, **change), 409)
    seen = verdict(first, flag_id, seen).json()["event"]
    problem(act(first, flag_id, "corrections", seen=seen, **change), 403)  # decided already: another person's turn
    verdict(second, flag_id, seen)
    seen = read(second, flag_id)["last_event"]
    problem(act(world.browser("coordinator"), flag_id, "corrections", seen=seen, **change), 409)


def test_handing_over_closes_and_counts_apart_and_can_be_reopened(world: World) -> None:
    flag_id, seen = world.flagged()
    reviewer, coordinator = world.browser("reviewer"), world.browser("coordinator")
    problem(act(reviewer, flag_id, "routing", lane="netralitas", seen=seen), 422, "lane")
    answer = act(reviewer, flag_id, "routing", lane="politik_uang", note="Ada pembagian uang", seen=seen)
    assert (answer.status_code, answer.json()["state"]) == (201, "closed")
    assert reviewer.get("/api/v1/lanes").json()["politik_uang"] == {"closed": 1}
    assert reviewer.get("/api/v1/lanes", params={"contest": "tidak-ada"}).json()["politik_uang"] == {}
    rows = reviewer.get("/api/v1/flags", params={"lane": "politik_uang"}).json()["items"]
    assert [row["lane"] for row in rows] == ["politik_uang"]
    problem(act(reviewer, flag_id, "routing", lane="politik_uang", seen=answer.json()["event"]), 409)
    again = act(coordinator, flag_id, "reopening", note="Ternyata kasus netralitas juga", seen=answer.json()["event"])
    assert again.json()["state"] == "reopened"


def test_the_original_is_looked_for_again(world: World) -> None:
    answer = world.submit("Ayo coblos nomor 3!")
    submission = answer.json()["id"]
    path = f"/api/v1/submissions/{submission}/rechecks"
    assert world.monitor.post(path, json={"status": "still_there"}).status_code == 201
    problem(world.monitor.post(path, json={"status": "hilang"}), 422, "status")
    problem(world.monitor.post(path, json={"status": "gone", "at": "2026-01-01T10:00:00"}), 422, "at")
    later = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    problem(world.monitor.post(path, json={"status": "gone", "at": later}), 422, "at")
    problem(world.monitor.post(path.replace(submission, "0" * 32), json={"status": "gone"}), 404)
    problem(world.browser("auditor").post(path, json={"status": "gone"}), 403)
    (stranger,) = add(world, "orang.lain", role="monitor")
    problem(stranger.post(path, json={"status": "gone"}), 404)
    assert world.browser("reviewer").post(path, json={"status": "gone"}).status_code == 201


def test_the_channel_follows_the_platform_unless_it_is_stated(world: World) -> None:
    for fields, public in (
        ({"platform": "whatsapp"}, "no"),
        ({"platform": "whatsapp", "public": "yes"}, "yes"),
        ({"platform": "instagram"}, "unknown"),
        ({"platform": "facebook", "public": "no", "parent": "@arlis.muaraembun"}, "no"),
    ):
        row = world.row(world.submit("Ayo coblos nomor 3!", **fields).json()["id"])
        assert (row.public, row.parent) == (public, fields.get("parent", ""))
    problem(world.submit("Ayo coblos nomor 3!", public="mungkin"), 422, "public")
    problem(world.submit("Ayo coblos nomor 3!", parent="x" * 201), 422, "parent")


def test_the_pages_correct_and_hand_over(world: World) -> None:
    flag_id, seen = world.flagged(platform="whatsapp", subject_type="pns")
    reviewer = world.browser("reviewer")
    page = reviewer.get(f"/antrean/{flag_id}").text
    assert "perlu saksi" in page
    assert 'action="/antrean/' + flag_id + '/keterangan"' in page
    form = {"seen": str(seen), "act_date": yesterday(), "subject_type": "kades", "public": "no", "reason": "pendek"}
    refused = reviewer.post(f"/antrean/{flag_id}/keterangan", data=form)
    assert refused.status_code == 422
    assert "pendek" in refused.text
    assert 'id="error-reason-correct"' in refused.text
    done = reviewer.post(f"/antrean/{flag_id}/keterangan", data=form | {"reason": REASON, "children": "ya"})
    assert done.status_code == 303
    shown = reviewer.get(done.headers["location"]).text
    assert "Keterangan diperbaiki" in shown
    assert "bukan jalur ASN" in shown
    assert "Pasal 71" in shown
    assert REASON in shown
    state = read(reviewer, flag_id)
    lost = reviewer.post(f"/antrean/{flag_id}/alihkan", data={"seen": str(seen), "lane": "hoaks_survei"})
    assert lost.status_code == 409
    fields = {"seen": str(state["last_event"]), "lane": "hoaks_survei", "note": "Grafik survei"}
    moved = reviewer.post(f"/antrean/{flag_id}/alihkan", data=fields)
    assert moved.status_code == 303
    assert "Dialihkan ke jalur lain" in reviewer.get(moved.headers["location"]).text
