"""The queue, the explanation of a flag, and decisions: one wins, everything is an event, nothing is lost."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from math import exp, fsum
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from app.api.etags import tag_of
from app.review.reasons import CONFIRM_REASONS, DISMISS_REASONS
from tests.api.world import CALL, CONTEST, World, plain, problem


def decide(client: TestClient, flag_id: str, seen: int, **change: Any) -> httpx.Response:
    body = {"verdict": "dismiss", "reason": "duplicate", "note": "", "seen": seen} | change
    return client.post(f"/api/v1/flags/{flag_id}/decisions", json=body)


def undo(client: TestClient, flag_id: str, seen: int) -> httpx.Response:
    return client.post(f"/api/v1/flags/{flag_id}/undo", json={"seen": seen})


def events_of(world: World, flag_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.browser("auditor").get(f"/api/v1/flags/{flag_id}").json()["events"]
    return found


def chain(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.browser("auditor").get("/api/v1/events/verification").json()
    return found


# -- the queue ------------------------------------------------------------------------------------------------------


@pytest.fixture
def five(world: World) -> list[str]:
    """Flags of five posts, two of them equally strong."""
    texts = [
        CALL, f"{CALL} ", "Jangan sampai pilih nomor 4", "Dukung BANI #BANIuntukMuaraEmbun",
        "Menangkan ARLIS, coblos nomor 1! Menangkan Arman Dipasena!",
    ]  # fmt: skip
    return [world.flagged(text)[0] for text in texts]


def test_the_queue_is_in_the_order_of_scores(world: World, five: list[str]) -> None:
    page = world.browser("reviewer").get("/api/v1/flags").json()
    assert page["next"] is None
    items = page["items"]
    assert {item["id"] for item in items} == set(five)
    order = [(-item["priority"], item["id"]) for item in items]
    assert order == sorted(order)
    keys = {
        "id", "submission", "contest", "state", "band", "score", "paslon", "direction", "stage", "articles",
        "lane", "last_event", "created_at", "priority", "due_on", "claimed_by", "claimed_until", "assigned_to",
    }  # fmt: skip
    assert all(item.keys() == keys for item in items)
    assert {item["paslon"] for item in items} == {1, 2, 3, 4}


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_cursors_lead_through_the_whole_queue_once(world: World, five: list[str], limit: int) -> None:
    reviewer = world.browser("reviewer")
    whole = [item["id"] for item in reviewer.get("/api/v1/flags").json()["items"]]
    found: list[str] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = reviewer.get("/api/v1/flags", params=query).json()
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert found == whole
    assert set(whole) == set(five)


def test_filters(world: World, five: list[str]) -> None:
    reviewer = world.browser("reviewer")

    def ids(**query: str) -> set[str]:
        return {item["id"] for item in reviewer.get("/api/v1/flags", params=query).json()["items"]}

    decide(reviewer, five[0], world.last_event(five[0]))
    assert ids(state="dismissed") == {five[0]}
    assert ids(state="new") == set(five[1:])
    assert ids(state="confirmed") == set()
    assert ids(contest=CONTEST) == set(five)
    assert ids(contest="muara-a") == set()
    bands = [ids(band=band) for band in ("high", "medium", "low")]
    assert set().union(*bands) == set(five)
    assert sum(map(len, bands)) == len(five)


# -- the explanation ------------------------------------------------------------------------------------------------

EXPLANATION = {
    "retention", "known_case", "capture", "rechecks",
    "id", "submission", "state", "band", "score", "last_event", "created_at", "paslon", "direction", "summary_id",
    "summary_en", "stage", "track", "bias", "log_odds", "articles", "signals", "images", "text", "context", "events",
    "versions", "timings", "work", "lane", "notes", "faces", "seen", "searches",
}  # fmt: skip
SIGNAL = {
    "tag", "code", "kind", "for", "counts", "weight", "score", "threshold", "paslon", "direction", "picture", "box",
    "field", "line", "span", "quote", "params", "sentence_id", "sentence_en", "reference",
}  # fmt: skip


def test_the_explanation_is_whole(world: World) -> None:
    flag_id, _ = world.flagged(
        CALL, [plain()], handle="@guru.sdn2", agency="SDN 2", subject_type="pns", platform="instagram",
        url="https://www.instagram.com/p/1",
    )  # fmt: skip
    answer = world.browser("reviewer").get(f"/api/v1/flags/{flag_id}")
    body = answer.json()
    assert body.keys() == EXPLANATION
    assert answer.headers["ETag"] == tag_of(answer.content)
    assert (body["state"], body["band"], body["direction"]) == ("new", "high", "pro")
    assert body["paslon"] == {
        "id": f"{CONTEST}/3", "number": 3, "label": "dr. Cakra Wisanggeni, Sp.A. – Dahlia Purnamarga",
        "contest": None,
    }  # fmt: skip
    assert body["summary_id"]
    assert body["summary_en"]
    assert body["stage"].keys() == {"code", "name_id", "name_en"}
    assert body["stage"]["code"] == "kampanye"
    assert body["articles"]
    for article in body["articles"]:
        assert article.keys() >= {"code", "text", "track", "sanction", "text_id", "text_en", "sanction_id"}
    assert body["signals"]
    for signal in body["signals"]:
        assert signal.keys() == SIGNAL
        assert signal["sentence_id"]
        assert signal["sentence_en"]
        if signal["field"] == "caption":
            start, end = signal["span"]
            assert body["text"]["caption"][start:end] == signal["quote"]
    assert body["text"] == {"caption": CALL, "lines": []}
    (image,) = body["images"]
    assert image.keys() == {"position", "sha256", "width", "height", "url", "blurred_url"}
    assert body["context"]["handle"] == "@guru.sdn2"
    assert body["context"]["contest"]["id"] == CONTEST
    assert body["context"]["submitted_by"] == "monitor"
    assert [event["action"] for event in body["events"]] == ["flag.raised"]
    assert body["events"][0]["id"] == body["last_event"]
    assert body["versions"].keys() == {"models", "rules", "roster", "pipeline"}
    assert set(body["timings"]) == {"decode", "copies", "faces", "hands", "reading", "text", "match", "judge"}


@pytest.mark.parametrize(
    "text", [CALL, "Jangan sampai pilih nomor 4", "Menangkan BANI, coblos nomor 2, bukan ARLIS! ASN harus netral"]
)
def test_the_weights_add_up_to_the_score(world: World, text: str) -> None:
    flag_id, _ = world.flagged(text)
    shown = world.browser("reviewer").get(f"/api/v1/flags/{flag_id}").json()
    counted = [signal for signal in shown["signals"] if signal["counts"]]
    assert counted == [one for one in shown["signals"] if one["paslon"] is None or one["paslon"] == shown["paslon"]]
    total = fsum([shown["bias"], *(signal["weight"] for signal in counted)])
    assert total == shown["log_odds"]
    assert 1 / (1 + exp(-total)) == shown["score"]


def test_words_never_accuse(world: World) -> None:
    flag_id, _ = world.flagged()
    shown = str(world.browser("reviewer").get(f"/api/v1/flags/{flag_id}").json()).lower()
    for word in ("pelanggar ", "pelaku", "terbukti", "bersalah", "violator", "guilty"):
        assert word not in shown


def test_a_flag_that_does_not_exist(common_world: World) -> None:
    reviewer = common_world.browser("reviewer")
    nowhere = uuid.uuid4()
    problem(reviewer.get(f"/api/v1/flags/{nowhere}"), 404)
    problem(decide(reviewer, str(nowhere), 1), 404)
    problem(undo(reviewer, str(nowhere), 1), 404)


# -- deciding -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [("confirm", reason) for reason in CONFIRM_REASONS] + [("dismiss", reason) for reason in DISMISS_REASONS],
)
def test_every_reason_decides(common_world: World, verdict: str, reason: str) -> None:
    world = common_world
    flag_id, seen = world.flagged(f"{CALL} {verdict} {reason}")
    note = "dua puluh karakter cukup" if reason == "other" else "  catatan\0  "
    answer = decide(world.browser("reviewer"), flag_id, seen, verdict=verdict, reason=reason, note=note)
    assert answer.status_code == 201
    body = answer.json()
    assert body["state"] == {"confirm": "decided_once", "dismiss": "dismissed"}[verdict]
    last = events_of(world, flag_id)[-1]
    assert (last["id"], last["action"], last["actor"]) == (body["event"], f"flag.{verdict}", "reviewer")
    stored = note.strip().replace("\0", "\ufffd")
    named = {"paslon": f"{CONTEST}/3", "article": "D2"} if verdict == "confirm" else {"second_look": False}
    expected = {"verdict": verdict, "reason": reason, "note": stored, "seen": seen, "band": "high", "blind": True}
    assert last["data"] == expected | named


@pytest.mark.parametrize("note", ["", "terlalu pendek", " " * 30, "a" * 19])
@pytest.mark.parametrize("verdict", ["confirm", "dismiss"])
def test_another_reason_needs_twenty_characters(common_world: World, verdict: str, note: str) -> None:
    flag_id, seen = common_world.flagged(f"{CALL} {verdict} {note}")
    answer = decide(common_world.browser("reviewer"), flag_id, seen, verdict=verdict, reason="other", note=note)
    problem(answer, 422, "note")
    assert common_world.last_event(flag_id) == seen


def test_a_reason_of_the_other_verdict(common_world: World) -> None:
    flag_id, seen = common_world.flagged(f"{CALL} alasan")
    answer = decide(common_world.browser("reviewer"), flag_id, seen, verdict="confirm", reason="look_alike")
    problem(answer, 422, "reason")


def test_a_stale_view_is_told_the_newest_event(world: World) -> None:
    flag_id, seen = world.flagged()
    first, second = world.browser("reviewer"), world.browser("coordinator")
    event = decide(first, flag_id, seen).json()["event"]
    body = problem(decide(second, flag_id, seen, verdict="confirm", reason="campaign_text"), 409)
    assert body["last_event"] == event
    again = problem(decide(second, flag_id, event), 409)
    assert "undo first" in again["detail"]
    problem(decide(first, flag_id, 2**31 - 1), 409)
    assert len(events_of(world, flag_id)) == 2


def test_nobody_decides_on_their_own_upload(world: World) -> None:
    reviewer = world.browser("reviewer")
    location = world.submit(CALL, client=reviewer).headers["Location"]
    world.screen_now()
    flag_id = reviewer.get(location).json()["flag"]["id"]
    seen = world.last_event(flag_id)
    problem(decide(reviewer, flag_id, seen), 403)
    problem(decide(world.program("reviewer", "review"), flag_id, seen), 403)
    assert decide(world.browser("coordinator"), flag_id, seen).status_code == 201
    problem(undo(reviewer, flag_id, world.last_event(flag_id)), 403)


def test_undo_and_decide_again(world: World) -> None:
    flag_id, seen = world.flagged()
    reviewer = world.browser("reviewer")
    problem(undo(reviewer, flag_id, seen), 409)
    decided = decide(reviewer, flag_id, seen).json()["event"]
    problem(undo(reviewer, flag_id, seen), 409)
    undone = undo(reviewer, flag_id, decided)
    assert undone.status_code == 201
    assert undone.json()["state"] == "new"
    problem(undo(reviewer, flag_id, undone.json()["event"]), 409)
    last = decide(reviewer, flag_id, undone.json()["event"], verdict="confirm", reason="campaign_text").json()
    assert last["state"] == "decided_once"
    actions = [(event["action"], event["data"].get("undoes")) for event in events_of(world, flag_id)]
    assert actions == [("flag.raised", None), ("flag.dismiss", None), ("flag.undo", decided), ("flag.confirm", None)]
    assert chain(world)["holds"]


def test_a_colleagues_decision_is_undone_by_a_coordinator_only(world: World) -> None:
    flag_id, seen = world.flagged()
    decided = decide(world.browser("coordinator"), flag_id, seen).json()["event"]
    problem(undo(world.browser("reviewer"), flag_id, decided), 403)
    assert undo(world.browser("coordinator"), flag_id, decided).status_code == 201


def test_of_two_at_once_exactly_one_wins(world: World) -> None:
    people = [world.browser(login) for login in ("reviewer", "coordinator") * 3]
    for turn in range(4):
        flag_id, seen = world.flagged(f"{CALL} {turn}")
        barrier = threading.Barrier(len(people))

        def act(number: int, flag_id: str = flag_id, seen: int = seen, barrier: threading.Barrier = barrier) -> Any:
            barrier.wait()
            change = {"verdict": "confirm", "reason": "campaign_text"} if number % 2 else {}
            return decide(people[number], flag_id, seen, **change)

        with ThreadPoolExecutor(len(people)) as pool:
            answers = list(pool.map(act, range(len(people))))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * (len(people) - 1)
        winner = next(answer.json() for answer in answers if answer.status_code == 201)
        losers = [answer.json()["last_event"] for answer in answers if answer.status_code == 409]
        assert losers == [winner["event"]] * (len(people) - 1)
        assert len(events_of(world, flag_id)) == 2
        shown = world.browser("auditor").get(f"/api/v1/flags/{flag_id}").json()
        assert (shown["state"], shown["last_event"]) == (winner["state"], winner["event"])
    assert chain(world)["holds"]


# -- the trail ------------------------------------------------------------------------------------------------------


def test_every_act_is_an_event_and_the_chain_verifies(world: World) -> None:
    auditor = world.browser("auditor")
    begin = len(auditor.get("/api/v1/events", params={"limit": 500}).json()["items"])
    flag_id, seen = world.flagged()
    decided = decide(world.browser("reviewer"), flag_id, seen).json()["event"]
    undo(world.browser("coordinator"), flag_id, decided)
    events = auditor.get("/api/v1/events", params={"after": begin}).json()["items"]
    assert [(event["actor"], event["action"]) for event in events] == [
        ("monitor", "submission.received"), ("system", "submission.screened"), ("system", "flag.raised"),
        ("reviewer", "flag.dismiss"), ("coordinator", "flag.undo"),
    ]  # fmt: skip
    assert [event["id"] for event in events] == list(range(begin + 1, begin + 6))
    assert chain(world) == {"events": begin + 5, "holds": True, "broken_at": None, "reason": ""}


def test_refused_acts_leave_no_event(world: World) -> None:
    flag_id, seen = world.flagged()
    before = chain(world)["events"]
    decide(world.browser("reviewer"), flag_id, seen + 1)
    decide(world.browser("reviewer"), flag_id, seen, reason="other")
    undo(world.browser("reviewer"), flag_id, seen)
    decide(world.browser("monitor"), flag_id, seen)
    world.submit("", [b"rusak"])
    assert chain(world)["events"] == before


# -- pictures -------------------------------------------------------------------------------------------------------


def test_pictures_are_made_on_request_and_never_cached(world: World) -> None:
    flag_id, _ = world.flagged(CALL, [plain(size=(2000, 500), kind="PNG")])
    reviewer = world.browser("reviewer")
    (image,) = reviewer.get(f"/api/v1/flags/{flag_id}").json()["images"]
    for url in (image["url"], image["blurred_url"]):
        answer = reviewer.get(url)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert "no-store" in answer.headers["cache-control"]
        assert answer.content[:2] == b"\xff\xd8"
    problem(reviewer.get(f"/media/flags/{flag_id}/images/1"), 404)
    problem(reviewer.get(f"/media/flags/{flag_id}/faces/F1"), 404)
    problem(world.monitor.get(image["url"]), 403)


def test_the_queue_counts(world: World) -> None:
    world.submit(CALL)
    world.submit("Rapat besok")
    stats = world.monitor.get("/api/v1/queue").json()
    assert (stats["queued"], stats["screened"], stats["failed"]) == (2, 0, 0)
    assert stats["oldest_queued_seconds"] >= 0
    world.screen_now()
    stats = world.monitor.get("/api/v1/queue").json()
    assert (stats["queued"], stats["screened"], stats["oldest_queued_seconds"]) == (0, 2, None)
