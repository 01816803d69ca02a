"""`netra upload`: what it reads, what it sends to a server, and what it says of each row."""

from __future__ import annotations

import csv
import fcntl
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from python_multipart import parse_form

from app.cli import upload_server
from app.settings import settings
from tests.api.command import Netra
from tests.api.world import plain


@dataclass
class Standin:
    """A server that takes everything, unless `answers` holds what it says first; `posts` are the items it took."""

    url: str = ""
    answers: list[tuple[int, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    ids: dict[str, str] = field(default_factory=dict)
    refuse: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda _: None

    def take(self, item: dict[str, Any]) -> dict[str, Any]:
        """The result of one item, as the API gives it."""
        problem = self.refuse(item)
        if problem is not None:
            return {"status": problem["status"], "created": None, "submission": None, "problem": problem}
        self.posts.append(item)
        created = item["idempotency_key"] not in self.ids
        found = self.ids.setdefault(item["idempotency_key"], f"id-{len(self.ids)}")
        return {"status": 202, "created": created, "submission": {"id": found}, "problem": None}


@contextmanager
def serving(made: Standin) -> Iterator[Standin]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.paths.append(self.path)
            made.tokens.add(self.headers["Authorization"])
            fields: dict[str, Any] = {"images": []}
            length = int(self.headers["Content-Length"])
            parse_form(
                {name: value.encode() for name, value in self.headers.items()}, self.rfile,
                lambda one: fields.__setitem__(one.field_name.decode(), (one.value or b"").decode()),
                lambda one: fields["images"].append(one.file_name), chunk_size=length,
            )  # fmt: skip
            if made.answers:
                return self.answer(*made.answers.pop(0))
            if self.path.endswith(":batch"):
                results = [made.take(json.loads(line)) for line in fields["manifest"].splitlines()]
                return self.answer(207, {"results": results}, {})
            fields["idempotency_key"] = self.headers["Idempotency-Key"]
            one = made.take(fields)
            return self.answer(one["status"], one["submission"] or one["problem"], {})

        def do_GET(self) -> None:
            made.paths.append(self.path)
            if made.answers:
                return self.answer(*made.answers.pop(0))
            flag = {"id": "f", "band": "high", "state": "in_review"} if self.path.endswith("id-0") else None
            return self.answer(200, {"state": "screened", "flag": flag, "failure": None}, {})

        def answer(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, netra: Netra) -> Iterator[Standin]:
    monkeypatch.setattr(upload_server.time, "sleep", lambda _: None)
    with serving(Standin()) as made:
        monkeypatch.setenv("NETRA_SERVER", made.url)
        monkeypatch.setenv("NETRA_TOKEN", "ntr_uji")
        settings.cache_clear()
        yield made


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "foto"
    (folder / "dalam").mkdir(parents=True)
    for number, name in enumerate(("a.jpg", "b.png", "dalam/c.JPG")):
        (folder / name).write_bytes(plain(number * 20))
    (folder / "a.txt").write_text("\ufeffGas nomor 2!\n", encoding="utf-8")
    (folder / "a.json").write_text('{"platform": "instagram", "handle": null}', encoding="utf-8")
    (folder / "catatan.docx").write_bytes(b"")
    return folder


def results(path: Path) -> list[dict[str, str]]:
    with path.with_name(f"{path.name}.results.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def problem(status: int, detail: str, **more: object) -> dict[str, Any]:
    return {"status": status, "detail": detail, **more}


def test_a_folder_with_what_stands_beside_its_pictures(netra: Netra, server: Standin, photos: Path) -> None:
    done = netra("upload", photos, "--contest", "muara", "--set", "subject_type=pns")
    assert (done.code, done.out) == (0, "3 accepted, 0 again, 0 refused\n"), done.err
    assert server.tokens == {"Bearer ntr_uji"}
    first, second, third = server.posts
    assert (first["text"], first["platform"]) == ("Gas nomor 2!\n", "instagram")
    assert all((one["contest"], one["subject_type"]) == ("muara", "pns") for one in server.posts)
    assert "text" not in second
    assert third["capture_method"] == "bulk"
    assert [one["file"] for one in results(photos)] == ["a.jpg", "b.png", "dalam/c.JPG"]
    assert [one["submission"] for one in results(photos)] == ["id-0", "id-1", "id-2"]


def test_what_was_accepted_is_not_sent_again_even_without_a_journal(
    netra: Netra, server: Standin, photos: Path
) -> None:
    netra("upload", photos, "--contest", "muara")
    assert len(server.posts) == 3
    (photos / "d.jpg").write_bytes(plain(99))
    assert netra("upload", photos, "--contest", "muara").out.startswith("4 accepted")
    assert len(server.posts) == 4
    photos.with_name("foto.journal.jsonl").unlink()
    assert netra("upload", photos, "--contest", "muara").out == "0 accepted, 4 again, 0 refused\n"
    assert len(set(server.ids)) == 4
    assert netra("upload", photos, "--contest", "lain").out.startswith("4 accepted"), "another context is another post"


def test_a_csv_of_excel_with_mistakes_by_row(netra: Netra, server: Standin, photos: Path) -> None:
    table = photos / "daftar.csv"
    table.write_text(
        "\ufefffiles;text;contest;act_date;platform\r\n"
        'a.jpg | b.png;"dua\r\nbaris; ya";muara;2029-09-02;x\r\n'
        "hilang.jpg;;muara;;\r\n"
        ";;;;\r\n"
        "a.jpg;;muara;2 September;\r\n"
        "b.png;;;;\r\n"
        "b.png;;muara;;friendster\r\n"
        "b.png;;muara;;;lebih\r\n"
        ";hanya teks;muara;;\r\n",
        encoding="utf-8",
    )
    checked = netra("upload", table, "--dry-run")
    assert (checked.code, server.paths) == (2, [])
    assert "2 akan dikirim / would be sent" in checked.out
    done = netra("upload", table)
    assert (done.code, done.out) == (2, "2 accepted, 0 again, 5 refused\n")
    assert server.posts[0]["text"] == "dua\r\nbaris; ya"
    assert len(server.posts[0]["images"]) == 2
    found = {int(one["row"]): one["message"] for one in results(table)}
    assert list(found) == [2, 3, 5, 6, 7, 8, 9]
    for row, words in ((3, "hilang.jpg"), (5, "act_date"), (6, "contest"), (7, "platform"), (8, "6 columns")):
        assert words in found[row]
    assert found[2] == found[9] == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"files,gambar\na,b\n", "gambar"), (b"text,text\na,b\n", "Dua kolom"), (b"text\n\xff\n", "UTF-8"),
        (b'text\n"x\n', "Baris 2"), (b"", "Tidak ada"), (b"text\n", "Tidak ada"),
    ],
)  # fmt: skip
def test_a_csv_that_is_wrong_as_a_whole(
    netra: Netra, server: Standin, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "daftar.csv"
    path.write_bytes(content)
    done = netra("upload", path, "--contest", "muara")
    assert (done.code, server.paths) == (2, [])
    assert words in done.err


def test_a_refusal_is_told_and_tried_again_by_the_next_run(netra: Netra, server: Standin, photos: Path) -> None:
    server.refuse = lambda item: problem(422, "Rusak / Broken", field="images") if "text" in item else None
    done = netra("upload", photos, "--contest", "muara")
    assert (done.code, done.out) == (2, "2 accepted, 0 again, 1 refused\n")
    assert [one["message"] for one in results(photos)] == ["images: Rusak / Broken", "", ""]
    server.refuse = lambda _: None
    assert netra("upload", photos, "--contest", "muara").code == 0
    assert len(server.posts) == 3


def test_a_busy_server_is_waited_for_and_said(netra: Netra, server: Standin, photos: Path) -> None:
    server.answers = [(503, problem(503, "Antrean penuh / Queue full"), {"Retry-After": "7"})]
    waits = iter([True, False])
    server.refuse = lambda item: problem(429, "Pelan / Slow", retry_after=3) if "text" in item and next(waits) else None
    done = netra("upload", photos, "--contest", "muara")
    assert done.code == 0, done.err
    assert "Antrean penuh / Queue full; menunggu / waiting 7 s" in done.err
    assert "Pelan / Slow; menunggu / waiting 3 s" in done.err
    assert [one["status"] for one in results(photos)] == ["accepted"] * 3


def test_patience_ends_and_the_results_say_what_is_left(netra: Netra, server: Standin, photos: Path) -> None:
    server.answers = [(503, problem(503, "Antrean penuh / Queue full"), {"Retry-After": "700"})]
    done = netra("upload", photos, "--contest", "muara", "--patience", "1")
    assert done.code == 3
    assert [one["status"] for one in results(photos)] == ["unsent"] * 3
    assert netra("upload", photos, "--contest", "muara").code == 0


def test_a_server_that_takes_no_batches_gets_them_singly(netra: Netra, server: Standin, photos: Path) -> None:
    server.answers = [(404, problem(404, "Tidak ada / None"), {})]
    assert netra("upload", photos, "--contest", "muara").code == 0
    assert server.paths == ["/api/v1/submissions:batch", *["/api/v1/submissions"] * 3]
    assert len(set(server.ids)) == 3


def test_waiting_for_the_outcomes(netra: Netra, server: Standin, photos: Path) -> None:
    done = netra("upload", photos, "--contest", "muara", "--wait")
    assert done.code == 10
    told = [(one["state"], one["band"]) for one in results(photos)]
    assert told == [("in_review", "high"), ("screened", ""), ("screened", "")]


@pytest.mark.parametrize(("status", "code"), [(401, 2), (403, 2), (302, 2)])
def test_answers_that_end_the_run(netra: Netra, server: Standin, photos: Path, status: int, code: int) -> None:
    server.answers = [(status, problem(status, "Token tidak dikenal / Unknown token"), {"Location": "https://lain"})]
    done = netra("upload", photos, "--contest", "muara")
    assert (done.code, len(server.paths)) == (code, 1)
    assert ("https://lain" if status == 302 else "Unknown token") in done.err
    assert "ntr_uji" not in done.err + done.out


def test_a_token_never_travels_in_the_clear(
    netra: Netra, server: Standin, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in ("http://netra.example.id", "http://127.0.0.1.example.id", "ftp://x", "https://a:b@x", "netra"):
        done = netra("upload", photos, "--contest", "muara", "--server", address)
        assert (done.code, server.paths) == (2, []), address
    assert "--allow-http" in netra("upload", photos, "--contest", "m", "--server", "http://10.0.0.1").err
    monkeypatch.delenv("NETRA_TOKEN")
    settings.cache_clear()
    assert "NETRA_TOKEN" in netra("upload", photos, "--contest", "muara").err
    token = photos / "token"
    token.write_text("ntr_berkas\n")
    assert netra("upload", photos, "--contest", "muara", "--token-file", token).code == 0
    assert server.tokens == {"Bearer ntr_berkas"}


def test_one_run_at_a_time_holds_the_journal(netra: Netra, server: Standin, photos: Path) -> None:
    with photos.with_name("foto.journal.jsonl").open("ab") as journal:
        fcntl.flock(journal, fcntl.LOCK_EX)
        done = netra("upload", photos, "--contest", "muara")
        assert (done.code, server.paths) == (2, [])
        assert "Another run" in done.err


def test_a_server_that_is_away_or_none(netra: Netra, server: Standin, photos: Path) -> None:
    away = netra("upload", photos, "--contest", "muara", "--server", "http://127.0.0.1:9", "--patience", "0.0001")
    assert away.code == 3
    assert {one["status"] for one in results(photos)} == {"unsent"}
    server.answers = [(200, {"halo": 1}, {})]
    none = netra("upload", photos, "--contest", "muara")
    assert (none.code, "There is no Netra" in none.said) == (2, True)
