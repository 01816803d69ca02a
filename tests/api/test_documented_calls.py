"""The calls of docs/api.md do what they show, in the order in which they stand there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise

import httpx

from app.demo.pictures import wedding
from tests.api.curls import calls_in, found_at, parsed, send
from tests.api.tipping import let_tips_in
from tests.api.world import World
from tests.conftest import REPOSITORY

TEXT = (REPOSITORY / "docs" / "api.md").read_text(encoding="utf-8")
CALLS = 24
BATCH = "submissions:batch"
"""Its manifest is written by the shell, so that it has a test of its own."""


def dated(line: str) -> str:
    """The line with the days that `date` would write."""

    def day(found: re.Match[str]) -> str:
        return (date.today() - timedelta(days=int(found[1]))).isoformat()

    return re.sub(r"\$\(date -d '-(\d+) days' \+%F\)", day, line)


def proof(challenge: str) -> str:
    """What the document's own script finds for a challenge."""
    script = re.findall(r"PROOF=.*?<<'END'\n(.*?)END\n", TEXT, re.DOTALL)[0]
    done = subprocess.run([sys.executable, "-", challenge], input=script, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_batch_runs_as_written(sqlite_world: World) -> None:
    text = TEXT.split("## Hand in many\n")[1]
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


def test_the_calls_run_as_written(sqlite_world: World) -> None:
    callers = {
        "$SUBMIT": sqlite_world.program("monitor", "submit"),
        "$REVIEW": sqlite_world.program("coordinator", "review", "admin"),
        "$COORDINATE": sqlite_world.program("coordinator", "review", "roster", "admin"),
        "$ADMIN": sqlite_world.program("admin", "admin"),
        "": sqlite_world.nobody(),
    }
    let_tips_in(sqlite_world)
    challenge = sqlite_world.nobody().get("/api/v1/tips/challenge").json()["challenge"]
    known = {"N": "", "CHALLENGE": challenge, "PROOF": proof(challenge)}
    answers: dict[str, httpx.Response] = {}
    for line in calls_in(TEXT):
        if BATCH in line:
            continue
        call = parsed(dated(line), known)
        answer = send(call, callers, {"photo.jpg": wedding()})
        assert answer.status_code < 300, (line, answer.text)
        answers[f"{call.method} {call.url}"] = answer
        if call.url == "/api/v1/submissions":
            sqlite_world.screen_now()
        known |= {name: found_at(answer.json(), path) for name, path in call.kept}
    assert answers[f"POST /api/v1/flags/{known['FLAG']}/decisions"].json()["state"] == "decided_once"
    assert answers[f"POST /api/v1/flags/{known['FLAG']}/undo"].json()["state"] == "new"
    values = {one["name"]: one["value"] for one in answers["PUT /api/v1/settings"].json()["settings"]}
    assert values["claim_minutes"] == 15
    assert [one["contest"] for one in answers["GET /api/v1/conflicts"].json()["items"]] == ["muara-embun"]
    assert [one["flag"] for one in answers["GET /api/v1/gold"].json()["items"]] == [known["FLAG"]]
    assert answers[f"DELETE /api/v1/gold/{known['FLAG']}"].status_code == 204
    assert answers[f"POST /api/v1/works/{known['WORK']}/cancellation"].json()["state"] == "cancelled"
    queue = answers["GET /api/v1/queue"]
    assert queue.headers["ratelimit-policy"].startswith('"requests";q=')
    assert queue.json()["accepting"]
    assert answers["GET /api/v1/events/verification"].json()["holds"]
    assert len(answers) == CALLS
