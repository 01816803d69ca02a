"""Lists stay cheap however long they are, and lead through everything once."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any

from app.auth.principal import SYSTEM
from app.roster.file import ContestFile, ElectionFile, PaslonFile, RegionFile
from app.roster.service import save_contest, save_election, save_paslon
from tests.api.counting import counted
from tests.api.world import CALL, World, plain


def test_one_s_own_submissions_take_the_same_few_statements(sqlite_world: World) -> None:
    world, sent = sqlite_world, {}
    for number in (1, 6):
        while len(world.monitor.get("/api/v1/submissions").json()["items"]) < number:
            world.submit(f"{CALL} {uuid.uuid4()}", [plain()])
            world.screen_now()
        for path in ("/api/v1/submissions", "/kiriman"):
            with counted(world.services.engine) as statements:
                assert world.monitor.get(path).status_code == 200
            sent[path, number] = len(statements)
    assert sent["/api/v1/submissions", 6] == sent["/api/v1/submissions", 1]
    assert sent["/kiriman", 6] == sent["/kiriman", 1]


def test_page_and_api_list_the_same_submissions(sqlite_world: World) -> None:
    world = sqlite_world
    for number in range(27):
        world.submit(f"{CALL} {number}")
    listed = [row["id"] for row in world.monitor.get("/api/v1/submissions?limit=200").json()["items"]]
    first = world.monitor.get("/kiriman")
    following = re.search(r'href="(/kiriman\?setelah=[0-9a-f-]{36})"', first.text)
    assert following is not None
    assert following[1].endswith(listed[24])
    second = world.monitor.get(following[1]).text
    assert f"{CALL} 1<" in second
    assert f"{CALL} 2<" not in second
    assert world.monitor.get(f"/kiriman?setelah={uuid.uuid4()}").status_code == 422


def add_contests(world: World, count: int) -> None:
    """Contests with one pair each."""
    with world.services.sessions() as session:
        save_election(session, SYSTEM, ElectionFile(id="banyak", name="Banyak", voting_day=date(2031, 11, 26)))
        for number in range(count):
            region = RegionFile(code="98.01", name=f"Wilayah {number}")
            entry = ContestFile(id=f"wilayah-{number:03}", name=f"Pemilihan {number}", region=region)
            save_contest(session, SYSTEM, "banyak", entry)
            pair = PaslonFile.model_validate({"number": 1, "candidates": [{"name": f"Calon {number}"}]})
            save_paslon(session, SYSTEM, entry.id, pair)
        session.commit()


def test_the_page_of_contests_takes_the_same_few_statements(sqlite_world: World) -> None:
    sent = []
    for count in (1, 40):
        add_contests(sqlite_world, count)
        with counted(sqlite_world.services.engine) as statements:
            page = sqlite_world.monitor.get("/kontes")
        assert f"Pemilihan {count - 1}" in page.text
        sent.append(len([statement for statement in statements if " contest" in statement or " election" in statement]))
    assert sent == [2, 2]


def test_contests_are_listed_in_pages(world: World) -> None:
    add_contests(world, 7)
    monitor = world.monitor
    whole = monitor.get("/api/v1/contests?limit=200").json()
    ids = [row["id"] for row in whole["items"]]
    assert whole["next"] is None
    assert len(ids) == 11
    found: list[str] = []
    query: dict[str, Any] = {"limit": 4}
    while True:
        page = monitor.get("/api/v1/contests", params=query).json()
        assert len(page["items"]) <= 4
        found += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert found == ids
    assert monitor.get("/api/v1/contests?limit=201").status_code == 422
