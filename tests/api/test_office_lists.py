"""The lists of the office: audit trail, people and tokens, contests, submissions; each with its file."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app import audit
from app.auth.principal import SYSTEM
from app.db.base import now
from app.db.event_tables import Event
from app.db.people_tables import ApiToken, User
from app.db.submission_tables import Submission
from tests.api.counting import counted
from tests.api.people import add, verdict
from tests.api.test_lists import add_contests
from tests.api.world import CALL, CONTEST, World, plain

BOM = "\ufeff"


def file_of(client: TestClient, path: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    answer = client.post(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8"), answer.text
    text = answer.content.decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


def cells(client: TestClient, path: str, column: int) -> list[str]:
    """The texts of one column of a page, markup taken off, over all its pages."""
    found: list[str] = []
    following: str | None = path
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        for row in re.findall(r"<tr>\s*(<td.*?)</tr>", answer.text, re.DOTALL):
            cell = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)[column]
            found.append(" ".join(re.sub(r"<[^>]+>", " ", cell).split()))
        link = re.search(r'href="([^"]+)" rel="next"', answer.text)
        following = link[1].replace("&amp;", "&") if link else None
    return found


# -- the audit trail ------------------------------------------------------------------------------------------------


def test_the_trail_is_filtered_by_actor_act_object_and_day(world: World) -> None:
    auditor = world.browser("auditor")
    flag_id, seen = world.flagged()
    verdict(world.browser("reviewer"), flag_id, seen, "dismiss")
    today = datetime.now(UTC) + timedelta(hours=7)
    day, tomorrow = f"{today:%Y-%m-%d}", f"{today + timedelta(days=1):%Y-%m-%d}"
    for query, expected in {
        "oleh=reviewer": ["Ditolak"], f"objek={flag_id}": ["Ditolak", "Masuk antrean"],
        f"objek={flag_id}&urut=-nomor": ["Masuk antrean", "Ditolak"], "tindakan=flag.dismiss": ["Ditolak"],
        "oleh=reviewer&tindakan=flag.raised": [], f"oleh=reviewer&dari={day}&sampai={day}": ["Ditolak"],
        f"oleh=reviewer&dari={tomorrow}": [], f"oleh=reviewer&sampai={day}": ["Ditolak"],
        "oleh=reviewer&sampai=2020-01-01": [], "oleh=reviewer&dari=0001-01-01": ["Ditolak"],
        "oleh=reviewer&sampai=9999-12-31": ["Ditolak"], "oleh=%00": [], f"objek={'x' * 140}": [],
    }.items():  # fmt: skip
        assert cells(auditor, f"/jejak-audit?{query}", 3) == expected, query
        assert [row["Tindakan"] for row in file_of(auditor, f"/jejak-audit.csv?{query}")] == expected, query


def test_a_day_begins_where_its_first_event_is(world: World) -> None:
    with world.services.sessions() as session:
        moments = [datetime.fromisoformat(at) for at in session.scalars(select(Event.at).order_by(Event.id))]
        assert audit.first_since(session, moments[0] - timedelta(days=9)) == 1
        assert audit.first_since(session, moments[-1] + timedelta(microseconds=1)) == len(moments) + 1
        for number in (1, len(moments) // 2, len(moments)):
            found = audit.first_since(session, moments[number - 1])
            assert moments[found - 1] == moments[number - 1]


def test_the_trail_leads_through_everything_in_pages(world: World) -> None:
    auditor = world.browser("auditor")
    with world.services.sessions() as session:
        for number in range(120):
            audit.append(session, SYSTEM, "bench.done", "bench", number)
        session.commit()
        total = session.scalars(select(Event.id).order_by(Event.id.desc())).all()
    shown = [int(number) for number in cells(auditor, "/jejak-audit", 0)]
    assert shown == list(total)
    rows = file_of(auditor, "/jejak-audit.csv?urut=-nomor")
    assert [int(row["No."]) for row in rows] == [*reversed(total), total[0] + 1]
    assert rows[-1]["Tindakan"] == "Daftar diunduh"
    assert all(len(row["Hash"]) == 64 for row in rows)


def test_the_file_withholds_what_the_page_withholds(world: World) -> None:
    (ani,) = add(world, "ani")
    coordinator = world.browser("coordinator")
    flag_id, seen = world.flagged()
    event = verdict(ani, flag_id, seen, note="pendapat ani yang rahasia").json()["event"]
    for query in ("", "oleh=ani", f"objek={flag_id}", "tindakan=flag.confirm"):
        answer = coordinator.post(f"/jejak-audit.csv?{query}").text
        assert "rahasia" not in answer
        assert f"{event}," not in answer or "Disembunyikan" in answer
    assert "rahasia" in world.browser("auditor").post("/jejak-audit.csv").text


# -- people and tokens ----------------------------------------------------------------------------------------------


def test_people_are_found_by_name_role_and_state(world: World) -> None:
    admin = world.browser("admin")
    add(world, "ani", "budi_a", "citra")
    with world.services.sessions() as session:
        session.scalars(select(User).where(User.login == "citra")).one().active = False
        session.commit()
    for query, expected in {
        "cari=ANI": ["ani"], "cari=i_": ["budi_a"], "cari=%25": [], "peran=admin": ["admin"],
        "keadaan=nonaktif": ["citra"], "peran=reviewer&keadaan=aktif": ["ani", "budi_a", "reviewer"],
        "peran=reviewer&urut=-login": ["reviewer", "citra", "budi_a", "ani"],
    }.items():  # fmt: skip
        assert [login for login in cells(admin, f"/pengguna?{query}", 0) if login in {*expected, "monitor"}] == expected
        assert [row["Nama masuk"] for row in file_of(admin, f"/pengguna.csv?{query}")] == expected
    assert "Tidak ada yang cocok" in admin.get("/pengguna?cari=tidak-ada").text


def test_many_people_come_in_pages_in_every_order(world: World) -> None:
    admin = world.browser("admin")
    add(world, *(f"orang{number:02}" for number in range(30)))
    with world.services.sessions() as session:
        everybody = set(session.scalars(select(User.login)))
    for order in ("", "login", "-login", "nama", "-nama", "dibuat", "-dibuat"):
        listed = [login for login in cells(admin, f"/pengguna?urut={order}", 0) if login in everybody]
        assert len(listed) == len(everybody)
        assert set(listed) == everybody


def test_a_refused_password_shows_beside_its_person(world: World) -> None:
    admin = world.browser("admin")
    add(world, *(f"aa{number:02}" for number in range(30)), "zainal")
    with world.services.sessions() as session:
        user = session.scalars(select(User).where(User.login == "zainal")).one()
    refused = admin.post(f"/pengguna/{user.id}/sandi", data={"password": "pendek"})
    assert refused.status_code == 422
    assert 'id="error-password"' in refused.text
    assert "zainal" in refused.text


def test_a_token_gets_a_new_secret_once_and_only_while_it_works(world: World) -> None:
    admin = world.browser("admin")
    made = admin.post("/pengguna/token", data={"login": "monitor", "name": "ekstensi", "scopes": ["submit"]})
    first = re.search(r'id="secret">(ntr_[\w-]+)<', made.text)
    assert first is not None
    with world.services.sessions() as session:
        token = session.scalars(select(ApiToken).where(ApiToken.name == "ekstensi")).one()
    turned = admin.post(f"/pengguna/token/{token.id}/ganti")
    second = re.search(r'id="secret">(ntr_[\w-]+)<', turned.text)
    assert second is not None
    statuses = []
    for secret in (first[1], second[1]):
        program = world.nobody()
        program.headers["Authorization"] = f"Bearer {secret}"
        statuses.append(program.get("/api/v1/queue").status_code)
    assert statuses == [401, 200]
    assert second[1] not in admin.get("/pengguna?token=semua").text
    third = admin.post(f"/pengguna/token/{token.id}/ganti", data={"overlap_hours": "24"}).text
    assert "Rahasia lama masih berlaku sampai" in third
    assert admin.post(f"/pengguna/token/{token.id}/ganti", data={"overlap_hours": "x"}).status_code == 422
    revoked = admin.post(f"/pengguna/token/{token.id}/cabut", follow_redirects=False)
    assert revoked.headers["location"] == "/pengguna?token=semua#token"
    assert admin.post(f"/pengguna/token/{token.id}/ganti").status_code == 409
    assert "ekstensi" not in admin.get("/pengguna").text
    assert "ekstensi" in admin.get("/pengguna?token=semua").text
    assert [
        row["Keadaan"] for row in file_of(admin, "/pengguna/token.csv?token=semua") if row["Nama"] == "ekstensi"
    ] == ["Dicabut"]
    assert second[1] not in admin.post("/pengguna/token.csv?token=semua").text


# -- contests -------------------------------------------------------------------------------------------------------


def test_contests_are_found_sorted_and_counted(world: World) -> None:
    add_contests(world, 60)
    monitor = world.monitor
    names = [f"Pemilihan {number}" for number in range(60)]
    assert sorted(cells(monitor, "/kontes?pemilu=banyak", 0)) == sorted(names)
    assert cells(monitor, "/kontes?pemilu=banyak&urut=-nama", 0) == sorted(names, reverse=True)
    assert cells(monitor, "/kontes?cari=WILAYAH+7", 0) == ["Pemilihan 7"]
    assert cells(monitor, "/kontes?cari=99.03&urut=wilayah", 0) == ["muara-a", "muara-b"]
    assert cells(monitor, "/kontes?cari=%25", 0) == []
    assert set(cells(monitor, "/kontes?pemilu=banyak", 4)) == {"1"}
    rows = file_of(monitor, "/kontes.csv?cari=99.01")
    assert [(row["Kode pemilihan"], row["Paslon"]) for row in rows] == [(CONTEST, "4")]


# -- submissions ----------------------------------------------------------------------------------------------------


def test_submissions_are_found_by_state_contest_and_platform(world: World) -> None:
    monitor = world.monitor
    world.flagged(CALL, platform="x")
    world.submit("Selamat pagi semuanya", contest="muara-a", platform="tiktok")
    world.screen_now()
    world.submit("Menunggu diperiksa")
    world.submit("Gambar rusak", [plain()])
    with world.services.sessions() as session:
        session.scalars(select(Submission).where(Submission.text == "Gambar rusak")).one().state = "failed"
        session.commit()
    for query, expected in {
        "keadaan=flagged": [CALL], "keadaan=screened": ["Selamat pagi semuanya"],
        "keadaan=queued": ["Menunggu diperiksa"],
        "keadaan=failed": ["Gambar rusak"], "platform=x": [CALL], "kontes=muara-a": ["Selamat pagi semuanya"],
        "kontes=tidak-ada": [], "milik=semua&keadaan=failed": ["Gambar rusak"], "keadaan=x&platform=x": [CALL],
    }.items():  # fmt: skip
        shown = cells(monitor, f"/kiriman?{query}", 0)
        assert [row["Unggahan"] for row in file_of(monitor, f"/kiriman.csv?{query}")] == expected, query
        for text, cell in zip(expected, shown, strict=True):
            assert text in cell


def test_only_those_who_review_see_the_posts_of_others(world: World) -> None:
    world.submit("Milik pemantau")
    reviewer = world.browser("reviewer")
    assert cells(reviewer, "/kiriman", 0) == []
    assert "dari monitor" in cells(reviewer, "/kiriman?milik=semua", 0)[0]
    assert [row["Dikirim oleh"] for row in file_of(reviewer, "/kiriman.csv?milik=semua")] == ["monitor"]
    (other,) = add(world, "pantau2", role="monitor")
    assert cells(other, "/kiriman?milik=semua", 0) == []
    assert file_of(other, "/kiriman.csv?milik=semua") == []


@pytest.mark.parametrize("path", ["/pengguna", "/kontes", "/jejak-audit", "/kiriman?milik=semua"])
def test_a_page_takes_the_same_few_statements(sqlite_world: World, path: str) -> None:
    world, sent = sqlite_world, []
    admin = world.browser("admin")
    for number in (1, 9):
        add_contests(world, number)
        add(world, *(f"orang{number}{turn}" for turn in range(number)))
        for turn in range(number):
            world.submit(f"Kiriman {number} {turn}")
        with world.services.sessions() as session:
            owner = session.scalars(select(User)).first()
            for turn in range(number):
                session.add(ApiToken(name="t", token_hash=f"{number}{turn}", scopes=[], user=owner, created_at=now()))
            session.commit()
        with counted(world.services.engine) as statements:
            assert admin.get(path).status_code == 200
        sent.append(len(statements))
    assert sent[0] == sent[1] < 20
