"""The page of fairness: declarations, risk classes with their table, known cases."""

from __future__ import annotations

import uuid

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.db.contest_tables import ConflictOfInterest, RegionRisk
from app.db.event_tables import Event
from app.db.people_tables import User
from app.errors import BadInput
from app.review.risk_file import MOST, Entry, parse_risks
from tests.api.world import CONTEST, World

HTML = {"Accept": "text/html"}


def page(client: TestClient) -> str:
    return client.get("/kewajaran", headers=HTML).text


def post(client: TestClient, path: str, **form: str) -> tuple[int, str]:
    answer = client.post(f"/kewajaran{path}", data=form, headers=HTML)
    return answer.status_code, answer.text


def upload(client: TestClient, data: bytes) -> tuple[int, str]:
    answer = client.post("/kewajaran/risiko/impor", files={"file": ("t.csv", data, "text/csv")}, headers=HTML)
    return answer.status_code, answer.headers.get("location", "") or answer.text


def classes(world: World) -> dict[str, str]:
    with world.services.sessions() as session:
        return {row.region_code: row.risk for row in session.scalars(select(RegionRisk))}


def test_declaring_and_ending_an_interest(world: World) -> None:
    reviewer, coordinator = world.browser("reviewer"), world.browser("coordinator")
    assert post(reviewer, "/benturan", contest="tidak-ada")[0] == 422
    assert post(reviewer, "/benturan", contest=CONTEST, note="Saudara calon")[0] == 303
    assert "Saudara calon" in page(reviewer)
    assert "Akhiri" not in page(reviewer)
    with world.services.sessions() as session:
        user = str(session.scalars(select(User.id).where(User.login == "reviewer")).one())
    assert "Akhiri" in page(coordinator)
    assert post(reviewer, "/benturan/akhiri", user=user, contest=CONTEST, note="x")[0] == 403
    assert post(coordinator, "/benturan/akhiri", user=user, contest=CONTEST, note="")[0] == 422
    assert post(coordinator, "/benturan/akhiri", user=user, contest=CONTEST, note="Sudah selesai")[0] == 303
    with world.services.sessions() as session:
        assert session.scalars(select(ConflictOfInterest)).all() == []


def test_a_table_of_classes_is_taken_whole_or_not_at_all(world: World) -> None:
    client = world.browser("admin")
    assert upload(client, "﻿wilayah;kelas;catatan\r\n99.01;Tinggi;IKP\r\n99.02;rendah;\r\n".encode()) == (
        303, "/kewajaran?impor=2#risiko",
    )  # fmt: skip
    assert classes(world) == {"99.01": "high", "99.02": "low"}
    assert upload(client, b"region,risk\n99.01,high\n99.02,medium\n")[1].startswith("/kewajaran?impor=2")
    status, text = upload(client, b"region,risk\n99.01,low\n99.05,huge\n,high\n99.01,low\n")
    assert status == 422
    assert "Baris 3, 4, 5" in text
    assert classes(world) == {"99.01": "high", "99.02": "medium"}
    assert upload(world.browser("reviewer"), b"region,risk\n99.01,low\n")[0] == 403
    assert "2 wilayah diubah" in client.get("/kewajaran?impor=2", headers=HTML).text
    with world.services.sessions() as session:
        assert len(session.scalars(select(Event).where(Event.action == "region.risk")).all()) == 4
    assert "tidak pernah menaikkan skor" in page(world.browser("auditor"))


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b"region,risk\n", b"region\n99\n", b'region,risk\n"']
)
def test_files_that_are_none(data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        parse_risks(data)
    assert refused.value.field == "file"
    assert " / " in refused.value.detail


def test_a_file_is_read_by_its_heads() -> None:
    assert parse_risks(b"note\trisk\tregion\nIKP\tsedang\t31.74\n\n") == [Entry("31.74", "medium", "IKP")]
    with pytest.raises(BadInput):
        parse_risks(b"region,risk\n" + b"".join(b"%d,high\n" % number for number in range(MOST + 1)))


def test_one_region(world: World) -> None:
    client = world.browser("coordinator")
    assert post(client, "/risiko", region="99.01", kelas="x")[0] == 422
    assert post(client, "/risiko", region="99.01", kelas="high")[0] == 303
    assert classes(world) == {"99.01": "high"}


def test_known_cases_are_the_coordinator_s(world: World) -> None:
    flag, _ = world.flagged()
    client = world.browser("coordinator")
    assert post(client, "/acuan", flag="bukan", verdict="confirm")[0] == 422
    assert post(client, "/acuan", flag=str(uuid.uuid4()), verdict="confirm")[0] == 404
    assert post(client, "/acuan", flag=f"https://x.id/antrean/{flag}?gambar=1", verdict="dismiss", note="uji")[0] == 303
    assert flag in page(client)
    assert "Kasus acuan" not in page(world.browser("reviewer"))
    assert post(client, "/acuan/cabut", flag=flag)[0] == 303
    assert post(client, "/acuan/cabut", flag=flag)[0] == 404
