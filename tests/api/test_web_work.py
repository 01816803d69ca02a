"""Working on items by the console's forms, without scripts: claims, verdicts, every other act, what stays hidden."""

from __future__ import annotations

import html
import re
import time

import httpx
import pytest
from fastapi.testclient import TestClient

from app.db.event_tables import Event
from tests.api.people import add
from tests.api.world import CONTEST, World

SECRET = "pendapat pertama yang rahasia"
NOTE = "catatan yang cukup panjang untuk ini"
PDF = b"%PDF-1.7 isi keberatan"


def page(client: TestClient, path: str) -> str:
    """What the page says, its HTML entities resolved."""
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, (path, answer.status_code)
    return html.unescape(answer.text)


def field(text: str, name: str) -> str:
    """The value of a hidden field of the page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found[1]


def send(client: TestClient, flag_id: str, path: str, **form: str) -> httpx.Response:
    """A form of the item's page as it stands now, filled in."""
    text = page(client, f"/antrean/{flag_id}")
    data = {"seen": field(text, "seen")} | form if 'name="seen"' in text else form
    return client.post(f"/antrean/{flag_id}/{path}", data=data, headers={"Accept": "text/html"})


def verdict(client: TestClient, flag_id: str, word: str = "confirm", **form: str) -> httpx.Response:
    """A verdict with what stands preselected on the page."""
    reasons = {"confirm_reason": "campaign_text", "dismiss_reason": "satire"}
    return send(client, flag_id, "putusan", verdict=word, **(reasons | {"article": "D2"} | form))


def done(answer: httpx.Response) -> str:
    """The address to which the form led."""
    assert answer.status_code == 303, html.unescape(re.sub(r"<[^>]+>|\s+", " ", answer.text))[:600]
    return answer.headers["location"]


def events(world: World, flag_id: str) -> list[str]:
    """The acts on the item, oldest first."""
    with world.services.sessions() as session:
        query = session.query(Event).filter_by(object_type="flag", object_id=flag_id).order_by(Event.id)
        return [event.action.removeprefix("flag.") for event in query]


def hold_for_a_moment(world: World, client: TestClient, flag_id: str) -> None:
    """Take the item with a claim that has run out by the time this returns."""
    client.post(f"/antrean/{flag_id}/lepas")
    world.settings.claim_minutes = 0.0001
    world.services.operating.forget()
    assert done(client.post(f"/antrean/{flag_id}/ambil")) == f"/antrean/{flag_id}"
    world.settings.claim_minutes = 10.0
    world.services.operating.forget()
    time.sleep(0.01)


def test_the_next_item_is_held_and_skipping_lets_it_go(world: World) -> None:
    first, second = world.flagged()[0], world.flagged("Ayo pilih nomor 2, dukung BANI!")[0]
    ani, budi = add(world, "ani", "budi")
    item = done(ani.post("/antrean/berikutnya")).removeprefix("/antrean/")
    assert item in {first, second}
    shown = page(ani, f"/antrean/{item}")
    assert re.search(r"Anda pegang s.d. <span[^>]*>\d\d\.\d\d WIB</span>, <strong[^>]*>10 menit lagi", shown)
    assert re.search(r'id="claim" data-seconds="(59\d|600)"', shown)
    theirs = page(budi, f"/antrean/{item}")
    assert re.search(r"Dipegang Ani sampai \d\d\.\d\d WIB", theirs)
    assert 'name="verdict"' not in theirs
    other = done(ani.post("/antrean/berikutnya", data={"lewati": item})).removeprefix("/antrean/")
    assert other == ({first, second} - {item}).pop()
    assert events(world, item)[-2:] == ["claim", "release"]
    assert done(budi.post("/antrean/berikutnya")) == f"/antrean/{item}"
    assert done(ani.post("/antrean/berikutnya", data={"lewati": other})) == "/antrean?habis=1"
    assert done(send(ani, other, "ambil")) == f"/antrean/{other}"
    assert done(send(ani, other, "lepas")) == "/antrean"
    coordinator = world.browser("coordinator")
    assert done(coordinator.post("/antrean/berikutnya", data={"lewati": item})) == f"/antrean/{other}"
    assert events(world, item)[-1] == "claim", "a coordinator who passes over an item ends nobody's claim"
    assert done(send(coordinator, item, "lepas")).endswith("sudah=release")
    assert events(world, item)[-1] == "release"
    (citra,) = add(world, "citra")
    verdict(citra, item, "dismiss")
    assert done(citra.post("/antrean/berikutnya")) == "/antrean?habis=1"
    assert "Tidak ada lagi yang menunggu" in page(citra, "/antrean?habis=1")


def test_a_claim_that_ran_out_is_told_kindly_and_the_note_stays(world: World) -> None:
    flag_id, _ = world.flagged()
    ani, budi = add(world, "ani", "budi")
    hold_for_a_moment(world, ani, flag_id)
    assert "Waktu pegangan Anda habis" in page(ani, f"/antrean/{flag_id}")
    again = send(ani, flag_id, "ambil", note=NOTE, dismiss_reason="private", paslon=f"{CONTEST}/1")
    assert (again.status_code, NOTE in again.text) == (200, True)
    assert '<option value="private" selected>' in again.text
    assert f'<option value="{CONTEST}/1" selected>' in again.text
    hold_for_a_moment(world, ani, flag_id)
    done(send(budi, flag_id, "ambil"))
    form = {
        "seen": str(world.last_event(flag_id)),
        "verdict": "confirm",
        "confirm_reason": "campaign_text",
        "note": NOTE,
    }
    refused = ani.post(f"/antrean/{flag_id}/putusan", data=form)
    assert refused.status_code == 409
    assert "Sedang ditangani budi" in refused.text
    assert NOTE in refused.text
    assert "confirm" not in events(world, flag_id)


def test_a_stale_verdict_is_refused_and_what_was_chosen_stays(world: World) -> None:
    flag_id, seen = world.flagged()
    ani, budi = add(world, "ani", "budi")
    done(verdict(budi, flag_id))
    form = {"seen": str(seen), "verdict": "dismiss", "dismiss_reason": "satire", "note": NOTE, "article": "D7"}
    refused = ani.post(f"/antrean/{flag_id}/putusan", data=form)
    assert refused.status_code == 409
    assert "Rekan sudah bertindak" in refused.text
    assert NOTE in refused.text
    assert '<option value="satire" selected>' in refused.text
    assert '<option value="D7" selected>' in refused.text
    assert done(verdict(ani, flag_id, "dismiss")).startswith("/antrean?putus=")


def test_a_confirmation_names_pair_and_article_and_says_so_beside_the_field(world: World) -> None:
    flag_id, _ = world.flagged()
    (ani,) = add(world, "ani")
    shown = page(ani, f"/antrean/{flag_id}")
    assert f'<option value="{CONTEST}/3" selected>' in shown
    assert re.search(r'<optgroup label="Disarankan[^>]*><option value="\w+" selected>', shown)
    for name, wrong in (("paslon", "lain/1"), ("article", "Z9")):
        refused = verdict(ani, flag_id, **{name: wrong})
        assert refused.status_code == 422
        assert f'id="error-{name}"' in refused.text
    done(verdict(ani, flag_id, paslon=f"{CONTEST}/1", article="D7"))
    told = page(ani, f"/antrean/{flag_id}")
    assert "Perlu orang kedua" in told
    assert "Paslon nomor 1 · " in told
    assert "D7 – " in told


def test_the_second_person_is_blind_everywhere_and_the_coordinator_sees_both(world: World) -> None:
    flag_id, _ = world.flagged()
    ani, budi = add(world, "ani", "budi")
    coordinator = world.browser("coordinator")
    done(send(ani, flag_id, "komentar", note=SECRET))
    first = done(verdict(ani, flag_id, note=SECRET))
    number = int(first.split("putus=")[1])
    for blind in (budi, coordinator):
        shown = page(blind, f"/antrean/{flag_id}")
        assert "Putusan pertama disembunyikan" in shown
        assert not re.search(rf"{SECRET}|\bani\b|>Dikonfirmasi<", shown.split('id="story"')[1])
        assert SECRET not in shown
        assert 'class="verdicts"' not in shown
        assert SECRET not in page(blind, f"/antrean/{flag_id}?putus={number}")
        listed = blind.get("/api/v1/flags", params={"reviewer": "ani"}).json()["items"]
        assert listed == []
        assert blind.post("/api/v1/flags/next", params={"reviewer": "ani"}).json() is None
    trail = page(coordinator, f"/jejak-audit?objek={flag_id}")
    assert SECRET not in trail
    assert "Disembunyikan sampai Anda memutuskan" in trail
    assert f'href="/antrean/{flag_id}"' in trail
    for wanted in ("oleh=ani", "tindakan=flag.confirm"):
        assert f'href="/antrean/{flag_id}"' not in page(coordinator, f"/jejak-audit?{wanted}&objek={flag_id}")
    assert SECRET not in coordinator.get("/api/v1/events", params={"limit": 500}).text
    assert SECRET in page(world.browser("auditor"), f"/jejak-audit?objek={flag_id}")
    done(verdict(budi, flag_id, "dismiss", note="alasan kedua"))
    both = page(coordinator, f"/antrean/{flag_id}")
    given = both.split('class="verdicts"')[1].split("</ol>")[0]
    assert SECRET in given
    assert "alasan kedua" in given
    assert "Satire" in given
    assert SECRET in page(coordinator, f"/jejak-audit?objek={flag_id}")
    assert "Ini menunggu koordinator" in page(add(world, "citra")[0], f"/antrean/{flag_id}")
    done(verdict(coordinator, flag_id))
    assert "Sudah diputuskan" in page(budi, f"/antrean/{flag_id}")


def test_own_uploads_and_declared_interests_say_why_not(world: World) -> None:
    budi, citra = add(world, "budi", "citra")
    answer = world.submit("Ayo pilih nomor 1, dukung ARLIS!", client=budi)
    world.screen_now()
    flag_id = budi.get(answer.headers["Location"]).json()["flag"]["id"]
    assert "Unggahan sendiri ditinjau orang lain" in page(budi, f"/antrean/{flag_id}")
    assert verdict(budi, flag_id).status_code == 403
    assert done(citra.post(f"/antrean/{flag_id}/ambil")) == f"/antrean/{flag_id}"
    citra.post("/api/v1/conflicts", json={"contest": CONTEST, "note": "saudara calon"})
    shown = page(citra, f"/antrean/{flag_id}")
    assert "benturan kepentingan" in shown
    assert 'name="verdict"' not in shown
    assert done(citra.post("/antrean/berikutnya")) == "/antrean?habis=1"


def test_every_act_by_its_form(world: World) -> None:
    flag_id, _ = world.flagged()
    ani, budi = add(world, "ani", "budi")
    coordinator = world.browser("coordinator")
    short = send(ani, flag_id, "tindakan/tanya", note="pendek")
    assert short.status_code == 422
    assert 'id="error-note-ask"' in short.text
    assert ">pendek</textarea>" in short.text
    assert done(send(ani, flag_id, "tindakan/tanya", note=NOTE)).endswith("sudah=ask")
    waiting = page(budi, f"/antrean/{flag_id}?sudah=ask")
    assert "menunggu keterangan" in waiting
    assert 'name="verdict"' not in waiting
    done(send(budi, flag_id, "tindakan/jawab", note="sudah ditanyakan"))
    done(send(budi, flag_id, "tindakan/teruskan", note="sulit"))
    assert "Ini menunggu koordinator" in page(ani, f"/antrean/{flag_id}")
    done(send(coordinator, flag_id, "tindakan/kembalikan"))
    offered = page(coordinator, f"/antrean/{flag_id}").split('id="to-assign"')[1].split("</select>")[0]
    assert "Ani (ani)" in offered
    assert "auditor" not in offered
    assert send(coordinator, flag_id, "tugaskan", to="auditor").status_code == 422
    done(send(coordinator, flag_id, "tugaskan", to="ani"))
    assert "Ditugaskan kepada ani" in page(budi, f"/antrean/{flag_id}")
    done(send(ani, flag_id, "tindakan/kembalikan", note="bukan bidang saya"))
    done(verdict(budi, flag_id, "dismiss"))
    assert send(ani, flag_id, "tindakan/tutup").status_code == 403
    done(send(coordinator, flag_id, "tindakan/tutup"))
    assert send(coordinator, flag_id, "urungkan").status_code == 409
    done(send(coordinator, flag_id, "tindakan/buka-kembali", note=NOTE))
    assert send(ani, flag_id, "tindakan/apa-saja").status_code == 404
    acts = ["ask", "answer", "escalate", "hand_back", "assign", "unassign", "dismiss", "close", "reopen"]
    assert [act for act in events(world, flag_id) if act != "raised"] == acts
    told = page(coordinator, f"/antrean/{flag_id}").split('id="story"')[1]
    assert "flag." not in told
    assert all(word in told for word in ("Keterangan diminta", "Kepada: ani", "Satire", "Ditutup", "WIB"))


@pytest.mark.parametrize(("data", "said"), [(b"", "Sertakan dokumen"), (b"bukan apa-apa", "PDF, JPEG, atau PNG")])
def test_an_objection_brings_a_document(world: World, data: bytes, said: str) -> None:
    flag_id, _ = world.flagged()
    ani, budi, citra = add(world, "ani", "budi", "citra")
    done(verdict(ani, flag_id))
    done(verdict(budi, flag_id))

    def lodge(content: bytes) -> httpx.Response:
        seen = field(page(citra, f"/antrean/{flag_id}"), "seen")
        files = {"document": ("surat é.pdf", content)}
        return citra.post(f"/antrean/{flag_id}/keberatan", data={"seen": seen, "note": NOTE}, files=files)

    refused = lodge(data)
    assert refused.status_code == 422
    assert said in refused.text
    assert 'id="error-document-appeal"' in refused.text
    assert NOTE in refused.text
    world.settings.max_image_bytes = 100
    assert lodge(PDF + bytes(200)).status_code == 413
    world.settings.max_image_bytes = 20 * 1024 * 1024
    large = PDF + bytes(2 * 1024 * 1024)
    assert done(lodge(large)).endswith("sudah=appeal")
    shown = page(citra, f"/antrean/{flag_id}")
    link = re.search(r'href="(/api/v1/flags/[^"]+/appeals/\d+)" download>surat é.pdf', shown)
    assert link is not None
    assert citra.get(link[1]).content == large
    assert "Butir ini perlu orang lain" in page(ani, f"/antrean/{flag_id}")
    assert done(citra.post("/antrean/berikutnya")) == f"/antrean/{flag_id}"


def test_a_known_case_is_the_coordinators_secret(world: World) -> None:
    flag_id, _ = world.flagged()
    (ani,) = add(world, "ani")
    coordinator = world.browser("coordinator")
    before = re.sub(r"data-seconds|\d\d\.\d\d", "", page(ani, f"/antrean/{flag_id}"))
    assert done(send(coordinator, flag_id, "acuan", verdict="dismiss", note=SECRET)).endswith("sudah=gold")
    assert SECRET in page(coordinator, f"/antrean/{flag_id}")
    after = re.sub(r"data-seconds|\d\d\.\d\d", "", page(ani, f"/antrean/{flag_id}"))
    assert after == before
    assert "acuan" not in after
    assert send(ani, flag_id, "acuan", verdict="confirm").status_code == 403
    assert send(coordinator, flag_id, "acuan", verdict="apa").status_code == 422
    done(send(coordinator, flag_id, "acuan", verdict="cabut"))
    assert SECRET not in page(coordinator, f"/antrean/{flag_id}")


def test_undo_is_offered_and_leads_back(world: World) -> None:
    flag_id, _ = world.flagged()
    (ani,) = add(world, "ani")
    place = done(verdict(ani, flag_id, "dismiss"))
    assert f"/antrean/{flag_id}/urungkan" in page(ani, place)
    assert done(send(ani, flag_id, "urungkan")) == f"/antrean/{flag_id}?sudah=undo"
    assert "Keputusan diurungkan" in page(ani, f"/antrean/{flag_id}")
    assert 'name="verdict"' in page(ani, f"/antrean/{flag_id}")
