"""ETags: 304 for what is known already, 412 for whoever would write over what they have not seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from app.auth.principal import SCOPES
from tests.api.world import CONTEST, World, problem

READ = f"/api/v1/contests/{CONTEST}"


def test_what_is_known_is_not_sent_again(common_world: World) -> None:
    client = common_world.program("coordinator", *SCOPES)
    flag_id, _ = common_world.flagged()
    for path in (READ, f"{READ}/calendar", f"/api/v1/flags/{flag_id}", "/api/v1/flags", "/api/v1/session"):
        first = client.get(path)
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache", path
        for known in (tag, f'W/{tag}, "other"', "*"):
            again = client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b""), path
            assert again.headers["etag"] == tag
            assert "content-length" not in again.headers
        other = client.get(path, headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.content) == (200, first.content), path


def test_a_tag_changes_with_the_thing(common_world: World) -> None:
    client = common_world.program("coordinator", *SCOPES)
    flag_id, _ = common_world.flagged("Coblos nomor 2 saja!")
    path = f"/api/v1/flags/{flag_id}"
    tag = client.get(path).headers["etag"]
    client.post(f"{path}/comments", json={"note": "periksa tanggalnya"})
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_browser_keeps_nothing_and_errors_have_no_tag(common_world: World) -> None:
    answer = common_world.browser("reviewer").get("/api/v1/flags")
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" in answer.headers
    assert "etag" not in common_world.nobody().get("/api/v1/flags").headers
    assert "etag" not in common_world.browser("reviewer").get("/antrean").headers
    assert common_world.nobody().get("/api/openapi.json").headers["etag"]


def test_nothing_is_written_over_what_was_not_seen(world: World) -> None:
    client = world.program("coordinator", *SCOPES)
    election = client.get("/api/v1/elections/demo")
    saved = {name: election.json()[name] for name in ("id", "name", "kind", "voting_day")}
    contest = {"id": CONTEST, "name": "Muara Embun", "region": {"code": "99.01", "name": "Muara Embun"}}
    pair = {"number": 1, "candidates": [{"name": "Gita Nusa"}]}
    for read, write, body in (
        ("/api/v1/elections/demo", "/api/v1/elections/demo", saved | {"name": "Pemilihan"}),
        (READ, "/api/v1/elections/demo/contests", contest),
        (READ, f"{READ}/paslon", pair),
        (f"{READ}/calendar", f"{READ}/calendar", {"stages": []}),
    ):
        stale = client.put(write, json=body, headers={"If-Match": '"other"'})
        assert problem(stale, 412)["type"] == "urn:netra:problem:changed", write
        seen = client.get(read).headers["etag"]
        assert client.put(write, json=body, headers={"If-Match": seen}).status_code == 200, write
    new = contest | {"id": "belum-ada"}
    problem(client.put("/api/v1/elections/demo/contests", json=new, headers={"If-Match": "*"}), 412)


def test_of_two_who_saw_the_same_one_writes(world: World) -> None:
    client = world.program("coordinator", *SCOPES)
    body = {name: client.get("/api/v1/elections/demo").json()[name] for name in ("id", "kind", "voting_day")}
    seen = client.get("/api/v1/elections/demo").headers["etag"]

    def rename(name: str) -> int:
        answer = world.program("coordinator", *SCOPES).put(
            "/api/v1/elections/demo", json=body | {"name": name}, headers={"If-Match": seen}
        )
        return answer.status_code

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(rename, ["Pilkada A", "Pilkada B"])) == [200, 412]
