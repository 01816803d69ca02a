"""The page of rules: versions, differences in words, files down and up, publishing with a reason."""

from __future__ import annotations

import html
import re

import httpx
import pytest
from fastapi.testclient import TestClient

from app.i18n import LANGUAGES
from app.rules.revise import Change, with_bands
from app.rules.ruleset import load_rules, own_source
from app.web.rule_words import change_words
from app.web.words import words
from tests.api.world import CONTEST, World

REASON = "Disepakati rapat koordinasi pekan ini"
FILE = "application/toml"


def send(client: TestClient, content: bytes, reason: str = REASON, name: str = "aturan.toml") -> httpx.Response:
    return client.post("/aturan", files={"berkas": (name, content, FILE)}, data={"alasan": reason})


def drafted(client: TestClient, low: float) -> str:
    """A draft with this threshold; the address of its page."""
    answer = send(client, with_bands(own_source(), {"low": low}).encode())
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def page(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_down_edited_up_published(common_world: World) -> None:
    client = common_world.browser("coordinator")
    live = client.get("/aturan/berkas")
    assert live.text == own_source()
    assert load_rules().version in live.headers["content-disposition"]
    edited = live.text.replace("GESTURE = 2.0 ", "GESTURE = 1.8 ", 1)
    path = send(client, edited.encode()).headers["location"]
    text = page(client, path)
    assert "Bobot: pose tangan" in text
    assert "Skor unggahan dengan ciri ini turun" in text
    assert client.get(f"{path}/berkas").text == edited
    replaces = re.search(r'name="ganti" value="(\d*)"', text)
    assert replaces is not None
    short = client.post(f"{path}/terbitkan", data={"alasan": "ya", "ganti": replaces[1]})
    assert (short.status_code, "Sebutkan alasan" in short.text) == (422, True)
    done = client.post(f"{path}/terbitkan", data={"alasan": REASON, "ganti": replaces[1]})
    assert done.status_code == 303
    listed = page(client, done.headers["location"])
    assert "Aturan ini berlaku mulai kiriman berikutnya" in listed
    assert "Berlaku" in listed
    assert client.get("/aturan/berkas").text == edited
    assert "Terbitkan" not in page(client, path)


def test_publishing_over_another_version_is_refused(common_world: World) -> None:
    client = common_world.browser("coordinator")
    first, second = drafted(client, 0.21), drafted(client, 0.23)
    seen = re.search(r'name="ganti" value="(\d*)"', page(client, second))
    assert seen is not None
    assert client.post(f"{first}/terbitkan", data={"alasan": REASON, "ganti": seen[1]}).status_code == 303
    stale = client.post(f"{second}/terbitkan", data={"alasan": REASON, "ganti": seen[1]})
    assert stale.status_code == 409
    assert "sudah diganti" in stale.text
    assert REASON in stale.text
    again = re.search(r'name="ganti" value="(\d*)"', stale.text)
    assert again is not None
    assert client.post(f"{second}/terbitkan", data={"alasan": REASON, "ganti": again[1]}).status_code == 303
    back = re.search(r'name="ganti" value="(\d*)"', page(client, first))
    assert back is not None
    assert client.post(f"{first}/terbitkan", data={"alasan": REASON, "ganti": back[1]}).status_code == 303
    assert client.post(f"{first}/terbitkan", data={"alasan": REASON, "ganti": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "ditolak"),
        (b"\xff\xfe\x00", "bukan teks UTF-8"),
        (b"bias = [", "tidak terbaca"),
        (own_source().replace("GESTURE = 2.0 ", "GESTURE = 9.0 ", 1).encode(), "isyarat saja harus tetap rendah"),
        (b"#" * 100_001, "terlalu besar"),
        (b"#" * 400_001, "terlalu besar"),
    ],
)
def test_a_file_that_cannot_be_is_refused_with_its_faults(common_world: World, content: bytes, told: str) -> None:
    answer = send(common_world.browser("coordinator"), content)
    assert answer.status_code in (413, 422)
    assert told in html.unescape(answer.text)
    assert REASON in answer.text


def test_every_fault_of_a_file_stands_on_its_own_line(common_world: World) -> None:
    broken = (
        own_source().replace("GESTURE = 2.0 ", "GESTURE = 9.0 ", 1).replace("FACE_MATCH = 2.2", "FACE_MATCH = 9", 1)
    )
    answer = send(common_world.browser("coordinator"), broken.encode())
    assert answer.text.count("<li>") >= 2


def test_nothing_chosen_is_told(common_world: World) -> None:
    client = common_world.browser("coordinator")
    for answer in (client.post("/aturan", data={"alasan": REASON}), send(client, b"", name="")):
        assert answer.status_code == 422
        assert "Pilih berkas aturan" in answer.text


def test_a_draft_is_tested_from_its_page(common_world: World) -> None:
    client = common_world.browser("coordinator")
    path = drafted(client, 0.29)
    assert "belum diuji" in page(client, path)
    begun = client.post("/pekerjaan/periksa-ulang", data={"contest": CONTEST, "draft": path.rpartition("/")[2]})
    assert begun.status_code == 303
    entry = f'<li><a href="{begun.headers["location"]}">'
    assert entry in page(client, path)
    assert entry not in page(client, drafted(client, 0.28))


def test_who_may(common_world: World) -> None:
    path = drafted(common_world.browser("coordinator"), 0.27)
    for login in ("admin", "auditor"):
        client = common_world.browser(login)
        assert "Hanya koordinator" in page(client, path)
        assert "Unggah berkas" not in page(client, "/aturan")
        assert client.post("/aturan", data={"alasan": REASON}).status_code == 403
        assert client.post(f"{path}/terbitkan", data={"alasan": REASON}).status_code == 403
    assert common_world.browser("coordinator").get("/aturan/999999").status_code == 404


def test_the_own_rules_become_a_draft_without_a_file(common_world: World) -> None:
    client = common_world.browser("coordinator")
    made = client.post("/aturan", data={"alasan": REASON, "bawaan": "ya"}, follow_redirects=False)
    assert made.status_code == 303
    assert load_rules().version in page(client, made.headers["location"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_of_the_rules_has_words(language: str) -> None:
    rules, t = load_rules(), words(language)
    names = ["bias", *(f"bands.{band}" for band in rules.bands), *(f"repeat.{name}" for name in rules.repeat)]
    names += [f"weights.{code}" for code in rules.weights] + [f"unnamed.{code}" for code in rules.unnamed]
    names += (
        [f"possible.{code}" for code in rules.possible]
        + ["readings.adopted_elsewhere"]
        + [f"poses.{name}" for name in rules.poses]
    )
    for name in names:
        found = change_words(Change(name, 0.1, 0.25), t)
        assert name not in found.what
        assert name.partition(".")[2] not in found.what.split() or not name.partition(".")[2].isupper(), found.what
        assert found.meaning
    assert change_words(Change("weights.BARU", None, 1.0), t).before == "–"
    assert change_words(Change("asing.apa", 1.0, None), t).what == "asing.apa"
