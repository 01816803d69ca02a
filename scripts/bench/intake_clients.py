"""Clients in a process of their own: connections that are kept, each handing in one new picture after the other.

    python scripts/bench/intake_clients.py < plan.json > done.json

The plan: host, port, path, token, contest, pictures (a folder of JPEG files), clients, seconds, name, and the manner:
even, same (all clients the same bytes), slow, cut (half a request). Every picture that is sent is one of the folder
with a comment of its own in its header: the same pixels, other bytes. Done: per upload the milliseconds from the first
byte sent to the last one read, the status, the id that was answered, the sha256 sent."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

BOUNDARY = "netra-bench-0123456789abcdef"
COMMENT = b"\xff\xfe"
PIECES, PAUSE = 16, 0.02


class Done(NamedTuple):
    """One upload."""

    ms: float
    status: int
    id: str
    sha256: str


def marked(jpeg: bytes, text: str) -> bytes:
    """The picture with a comment behind its first marker."""
    comment = text.encode()
    return jpeg[:2] + COMMENT + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]


def request(plan: dict[str, Any], picture: bytes) -> bytes:
    """The whole request that hands this picture in."""
    fields = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="contest"\r\n\r\n{plan["contest"]}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="images"; filename="a.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    body = fields.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()
    head = (
        f"POST {plan['path']} HTTP/1.1\r\nHost: {plan['host']}:{plan['port']}\r\n"
        f"Authorization: Bearer {plan['token']}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body of one response."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    return int(head.split(" ", 2)[1]), await reader.readexactly(length)


async def send(writer: asyncio.StreamWriter, whole: bytes, manner: str) -> bool:
    """Send a request at once, or `slow`ly, or only in part (`cut`): then there will be no answer."""
    if manner in {"even", "same"}:
        writer.write(whole)
        return True
    step = len(whole) // PIECES + 1
    for start in range(0, len(whole), step):
        if manner == "cut" and start > len(whole) // 2:
            writer.close()
            return False
        writer.write(whole[start : start + step])
        await writer.drain()
        await asyncio.sleep(PAUSE)
    return True


async def client(plan: dict[str, Any], number: int, pictures: list[bytes], until: float) -> list[Done]:
    """One connection, until the time is over; a new one where it was cut."""
    reader, writer = await asyncio.open_connection(plan["host"], plan["port"])
    done = []
    for turn in count():
        if time.perf_counter() >= until:
            break
        kind, whose = (turn, "all") if plan["manner"] == "same" else (number + turn, number)
        picture = marked(pictures[kind % len(pictures)], f"{plan['name']}/{whose}/{turn}")
        whole, digest = request(plan, picture), hashlib.sha256(picture).hexdigest()
        begin = time.perf_counter()
        if not await send(writer, whole, plan["manner"]):
            reader, writer = await asyncio.open_connection(plan["host"], plan["port"])
            continue
        status, body = await answer(reader)
        ms = (time.perf_counter() - begin) * 1000
        done.append(Done(ms, status, json.loads(body).get("id", ""), digest))
    writer.close()
    return done


async def work(plan: dict[str, Any]) -> dict[str, Any]:
    """All clients side by side; their uploads, and how long the whole took."""
    pictures = [path.read_bytes() for path in sorted(Path(plan["pictures"]).glob("*.jpg"))]
    begin = time.perf_counter()
    until = begin + plan["seconds"]
    found = await asyncio.gather(*(client(plan, number, pictures, until) for number in range(plan["clients"])))
    return {"seconds": time.perf_counter() - begin, "uploads": [one for each in found for one in each]}


if __name__ == "__main__":
    json.dump(asyncio.run(work(json.load(sys.stdin))), sys.stdout)
