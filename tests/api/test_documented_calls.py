"""The calls of docs/api.md do what they show, in the order in which they stand there."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise

import httpx

from app.demo.pictures import wedding
from tests.api.world import World
from tests.conftest import REPOSITORY

SECTION = "Settings, fairness, long work"


def calls() -> list[list[str]]:
    """The curl lines of the section, as words."""
    text = (REPOSITORY / "docs" / "api.md").read_text(encoding="utf-8")
    part = text.split(f"## {SECTION}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", part, re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.replace("\\\n", "").splitlines() if line.strip()]


def test_the_batch_runs_as_written(sqlite_world: World) -> None:
    text = (REPOSITORY / "docs" / "api.md").read_text(encoding="utf-8").split("## Hand in many\n")[1]
    script = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)[0]
    pictures = {"wedding.jpg": wedding(), "broken.jpg": b"no picture\n"}
    manifest = re.findall(r"<<'END'\n(.*?)END\n", script, re.DOTALL)[0]
    words = shlex.split(script[script.index("curl ") :].replace("\\\n", ""))
    given = [value for option, value in pairwise(words) if option == "-F"]
    assert given[0] == "manifest=<manifest.jsonl"
    sent = [("images", (name, pictures[name])) for name in (value.removeprefix("images=@") for value in given[1:])]
    caller = sqlite_world.program("monitor", "submit")
    answer = caller.post(words[1].removeprefix("$N"), data={"manifest": manifest}, files=sent)
    assert answer.status_code == 207, answer.text
    assert (answer.json()["accepted"], answer.json()["refused"]) == (1, 1)
    shown = re.findall(r'"detail":"(.*?)"', text)[0]
    assert answer.json()["results"][1]["problem"]["detail"] == shown


def test_the_calls_of_the_office_run_as_written(sqlite_world: World) -> None:
    flag_id, _ = sqlite_world.flagged()
    callers = {
        "$ADMIN": sqlite_world.program("admin", "admin"),
        "$REVIEW": sqlite_world.program("reviewer", "review"),
        "$COORDINATE": sqlite_world.program("coordinator", "review"),
    }
    known = {"$N": "", "$FLAG": flag_id}
    answers: dict[str, httpx.Response] = {}
    for words in calls():
        assert words[0] == "curl"
        (url,) = (word for word in words if word.startswith("$N"))
        options = dict(pairwise(words))
        (token,) = (word.removeprefix("Authorization: Bearer ") for word in words if word.startswith("Authorization"))
        for name, value in known.items():
            url = url.replace(name, value)
        body = options.get("-d")
        headers = {"Content-Type": "application/json"} if body else {}
        answer = callers[token].request(options.get("-X", "GET"), url, content=body, headers=headers)
        assert answer.status_code in {200, 201, 202, 204}, (words, answer.text)
        answers[f"{options.get('-X', 'GET')} {url}"] = answer
        if url.endswith("/rescreen"):
            known["$WORK"] = answer.json()["id"]
    values = {one["name"]: one["value"] for one in answers["PUT /api/v1/settings"].json()["settings"]}
    assert values["claim_minutes"] == 15
    assert [one["contest"] for one in answers["GET /api/v1/conflicts"].json()["items"]] == ["muara-embun"]
    assert [one["flag"] for one in answers["GET /api/v1/gold"].json()["items"]] == [flag_id]
    assert answers["DELETE /api/v1/gold/" + flag_id].status_code == 204
    assert answers[f"POST /api/v1/works/{known['$WORK']}/cancellation"].json()["state"] == "cancelled"
    assert len(answers) == len(calls()) == 13
