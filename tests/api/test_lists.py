"""Lists stay cheap however long they are, and lead through everything once."""

from __future__ import annotations

import re
import uuid

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
    following = re.search(r'href="(/kiriman\?sebelum=[0-9a-f-]{36})"', first.text)
    assert following is not None
    assert following[1].endswith(listed[24])
    second = world.monitor.get(following[1]).text
    assert f"{CALL} 1<" in second
    assert f"{CALL} 2<" not in second
    assert world.monitor.get(f"/kiriman?sebelum={uuid.uuid4()}").status_code == 422
