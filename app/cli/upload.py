"""`netra upload`: the posts of a folder or a CSV to a running server; interrupted, it goes on where it ended."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.cli.console import bar, cell, err, out
from app.cli.upload_journal import ACCEPTED, AGAIN, REFUSED, UNSENT, Journal, Result, check_writable, write_results
from app.cli.upload_rows import Post, Row, as_post, known_only, read_rows
from app.cli.upload_server import BUSY, Answer, Server, address_of, checked_token
from app.errors import BadInput
from app.settings import Settings, settings

TOGETHER_BYTES = 32 * 1024 * 1024
MOST_SHOWN = 20
ROUND = 25
"""Waiting submissions that are asked after at a time: they are screened in about the order in which they came."""
PAUSE = 2.0
BAD, FLAGGED = 2, 10


@dataclass
class Run:
    """One run: its rows, and what has become of them by number."""

    rows: Sequence[Row]
    results: dict[int, Result] = field(default_factory=dict)

    def listed(self) -> Iterator[tuple[int, str, Result]]:
        """Every row with its result; those that were not sent say so."""
        unsent = Result(UNSENT, message="belum dikirim; jalankan lagi / not sent yet: run it again")
        for row in self.rows:
            yield row.number, row.name, self.results.get(row.number, unsent)

    def counts(self) -> Counter[str]:
        """How many rows have which result."""
        return Counter(result.status for _, _, result in self.listed())


def upload(
    source: Annotated[Path, typer.Argument(help="folder of pictures, or CSV with a column for each field")],
    server: Annotated[str, typer.Option(help="address of the server; else NETRA_SERVER, else this machine")] = "",
    token_file: Annotated[Path | None, typer.Option(help="file with the API token; else NETRA_TOKEN")] = None,
    contest: Annotated[str, typer.Option(help="contest of the posts that name none")] = "",
    shared: Annotated[list[str] | None, typer.Option("--set", help="field=value for posts without this field")] = None,
    batch: Annotated[int, typer.Option(help="posts in one request; 1: singly", min=1, max=1000)] = 20,
    state: Annotated[Path | None, typer.Option(help="journal of what was accepted; else beside the source")] = None,
    results: Annotated[Path | None, typer.Option(help="CSV of what became of each row; else beside the source")] = None,
    patience: Annotated[float, typer.Option(help="minutes to wait for a busy server or one that is away")] = 10.0,
    wait: Annotated[bool, typer.Option("--wait", help="until all are screened; exit code 10 when flagged")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only check the rows; nothing is sent")] = False,
    allow_http: Annotated[bool, typer.Option("--allow-http", help="send the token in the clear")] = False,
) -> None:
    """Send posts to a running server, with progress, and write what became of each row.

    What was accepted is never sent again; what was refused is tried again by the next run."""
    chosen = settings()
    fields = {"contest": contest} | _fields(shared or [])
    run = Run(read_rows(source, fields, chosen))
    if dry_run:
        _show_check(run)
        return
    address = address_of(server or chosen.server or f"http://127.0.0.1:{chosen.port}", plain=allow_http)
    door = Server(address, _token(token_file, chosen), patience * 60, lambda line: err.print(line, markup=False))
    beside = source.resolve()
    report = results or beside.with_name(f"{beside.name}.results.csv")
    kept = state or beside.with_name(f"{beside.name}.journal.jsonl")
    with Journal(kept, address) as journal, _written_at_the_end(run, report):
        send_all(run, door, journal, batch)
        if wait:
            await_all(run, door)
    counts = run.counts()
    out.print(", ".join(f"{counts[status]} {status}" for status in (ACCEPTED, AGAIN, REFUSED)), highlight=False)
    err.print(f"Hasil / results: {report}", markup=False, highlight=False)
    if counts[REFUSED]:
        raise typer.Exit(BAD)
    if any(one.band for one in run.results.values()):
        raise typer.Exit(FLAGGED)


@contextmanager
def _written_at_the_end(run: Run, path: Path) -> Iterator[None]:
    """The results are written however the block ends, also when it is interrupted from the keyboard."""
    check_writable(path)  # before anything is sent; what an earlier run wrote stays until there is better
    try:
        yield
    except KeyboardInterrupt:
        again = "Dihentikan; jalankan lagi untuk melanjutkan / Interrupted: run it again to go on"
        err.print(f"{again}. Hasil / results: {path}", markup=False, highlight=False)
        raise
    finally:
        write_results(path, run.listed())


def send_all(run: Run, server: Server, journal: Journal, together: int) -> None:
    """Send every row that is not in the journal. Raises what ends the run: NotReady, NotSignedIn, NotAllowed."""
    waiting: deque[Post] = deque()
    with bar() as progress:
        task = progress.add_task("Mengirim / Sending", total=len(run.rows))
        for row in run.rows:
            progress.update(task, completed=len(run.results))
            post = _prepared(run, journal, row)
            if post is None:
                continue
            waiting.append(post)
            while len(waiting) >= together or sum(one.size for one in waiting) >= TOGETHER_BYTES:
                _send(run, server, journal, waiting, together)
        while waiting:
            _send(run, server, journal, waiting, together)
            progress.update(task, completed=len(run.results))


def _prepared(run: Run, journal: Journal, row: Row) -> Post | None:
    """The row as it is sent; None where its result is known already."""
    if row.fault:
        run.results[row.number] = Result(REFUSED, message=row.fault)
        return None
    try:
        post = as_post(row)
    except BadInput as error:
        run.results[row.number] = Result(REFUSED, message=error.detail)
        return None
    known = journal.known(post.key)
    if known is not None:
        run.results[row.number] = known
        return None
    return post


def _send(run: Run, server: Server, journal: Journal, waiting: deque[Post], together: int) -> None:
    """One request with the first posts that wait; what the server has no room for yet waits on, at the front."""
    posts = [waiting.popleft()]
    size = posts[0].size
    while waiting and len(posts) < together and size + waiting[0].size <= TOGETHER_BYTES:
        size += waiting[0].size
        posts.append(waiting.popleft())
    answers = server.send(posts)
    results = {post.key: result for post, answer in zip(posts, answers, strict=True) if (result := _result(answer))}
    journal.add({key: result for key, result in results.items() if result.status != REFUSED})
    run.results |= {post.row.number: results[post.key] for post in posts if post.key in results}
    if results:
        server.advanced()
    waiting.extendleft(post for post in reversed(posts) if post.key not in results)
    busy = [answer for answer in answers if answer.status in BUSY]
    if busy:
        asked = [answer.wait for answer in busy if answer.wait is not None]
        server.wait(max(asked, default=None), busy[0].message)


def _result(answer: Answer) -> Result | None:
    """What became of a post; None where it is worth sending again."""
    if answer.status in BUSY:
        return None
    if answer.submission is None:
        return Result(REFUSED, message=answer.message)
    return Result(ACCEPTED if answer.created else AGAIN, str(answer.submission["id"]))


def await_all(run: Run, server: Server) -> None:
    """Ask for the outcomes until none is queued any more. Raises NotReady when nothing moves for too long."""
    waiting = deque(number for number, one in run.results.items() if one.submission)
    with bar() as progress:
        task = progress.add_task("Menunggu hasil / Waiting for the outcomes", total=len(waiting))
        while waiting:
            still = []
            for _ in range(min(ROUND, len(waiting))):
                number = waiting.popleft()
                found = server.submission(run.results[number].submission)
                if found["state"] == "queued":
                    still.append(number)
                    continue
                flag = found["flag"] or {}
                run.results[number] = replace(
                    run.results[number],
                    state=flag.get("state", found["state"]),
                    band=flag.get("band", ""),
                    message=found["failure"] or run.results[number].message,
                )
                progress.advance(task)
                server.advanced()
            waiting.extendleft(reversed(still))
            if len(still) == ROUND or (still and len(still) == len(waiting)):
                server.wait(PAUSE, "Masih antre / Still queued")


def _fields(given: Sequence[str]) -> dict[str, str]:
    """The fields that all posts share. Raises BadInput."""
    pairs = [text.partition("=") for text in given]
    if not all(sign for _, sign, _ in pairs):
        raise BadInput("Tulis / Write --set platform=instagram", field="set")
    found = {name.strip(): value.strip() for name, _, value in pairs}
    known_only(found)
    return found


def _token(file: Path | None, chosen: Settings) -> str:
    """The token from its file, else from the environment."""
    if file is None:
        return checked_token(chosen.token.get_secret_value())
    try:
        return checked_token(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"Token tidak terbaca / The token cannot be read: {file}", field="token-file") from error


def _show_check(run: Run) -> None:
    """What would be sent, and what is wrong with which row."""
    wrong = [row for row in run.rows if row.fault]
    table = Table("baris / row", "berkas / file", "sebab / reason")
    for row in wrong[:MOST_SHOWN]:
        table.add_row(str(row.number), cell(row.name), cell(row.fault))
    if wrong:
        out.print(table)
    good = [row for row in run.rows if not row.fault]
    size = sum(path.stat().st_size for row in good for path in row.files)
    out.print(f"{len(good)} akan dikirim / would be sent ({size} B), {len(wrong)} salah / wrong", highlight=False)
    if wrong:
        raise typer.Exit(BAD)
