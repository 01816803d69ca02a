"""One request to a receiver: TLS for the name at the checked address, bounded in time and bytes."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import ANY

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.webhooks import sending
from app.webhooks.addresses import allowed_by
from app.webhooks.sending import KEPT_CHARACTERS, MOST_BYTES, Answer, post

LOCAL = allowed_by("127.0.0.0/8, localhost")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Talk = Callable[[socket.socket], None]


BODY = b"{}"
LONG_BEFORE = 20_000
"""Milliseconds: these servers would go on for half a minute and longer."""


@contextmanager
def server(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on IPv4's loopback that lets `talk` answer each connection; its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                opened, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=attend, args=(opened,), daemon=True).start()

    def attend(opened: socket.socket) -> None:
        try:
            with opened if context is None else context.wrap_socket(opened, server_side=True) as spoken:
                asked = spoken.recv(65536)
                while asked and not asked.endswith(BODY):  # closing with something unread would cut the answer off
                    asked += spoken.recv(65536)
                talk(spoken)
        except OSError:
            pass

    threading.Thread(target=serve, daemon=True).start()
    yield listening.getsockname()[1]
    listening.close()


def says(data: bytes) -> Talk:
    """An answer, and the end."""
    return lambda spoken: spoken.sendall(data)


def drips(data: bytes, seconds: float = 0.05) -> Talk:
    """The answer byte by byte: never long enough without one for a time-out of a single read."""

    def talk(spoken: socket.socket) -> None:
        for place in range(len(data)):
            spoken.sendall(data[place : place + 1])
            time.sleep(seconds)

    return talk


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate for this name, and the file by which a client knows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    made = (
        x509.CertificateBuilder().subject_name(named).issuer_name(named).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1)).not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = folder / "public.pem", folder / "private.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public


def send(port: int, scheme: str = "http", host: str = "127.0.0.1") -> Answer:
    return post(f"{scheme}://{host}:{port}/x", BODY, {"Content-Type": "application/json"}, LOCAL)


@pytest.mark.parametrize(("data", "failure", "status"), [
    (OK, "", 200), (b"HTTP/1.1 204 No Content\r\n\r\n", "", 204),
    (b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "redirect", 301),
    (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "status", 500),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", "", 200), (b"nonsense\r\n\r\n", "connection", None),
    (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500, "connection", None), (b"", "connection", None),
])  # fmt: skip
def test_whatever_it_answers(data: bytes, failure: str, status: int | None) -> None:
    with server(says(data)) as port:
        answer = send(port)
    assert (answer.failure, answer.status) == (failure, status)


def test_a_large_answer_is_cut_and_made_printable() -> None:
    body = b"\x1b[31m<b>\x00" + b"a" * 5_000_000
    with server(says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)) as port:
        answer = send(port)
    assert answer.failure == ""
    assert answer.text.startswith("[31m<b>a")
    assert len(answer.text) == KEPT_CHARACTERS < MOST_BYTES


@pytest.mark.parametrize("talk", [drips(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 999), lambda _: time.sleep(30)])
def test_who_answers_ever_so_slowly_is_left(monkeypatch: pytest.MonkeyPatch, talk: Talk) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.4)
    with server(talk) as port:
        answer = send(port)
    assert answer.failure == "timeout"
    assert answer.milliseconds < LONG_BEFORE


def test_a_slow_end_of_an_answer_does_not_undo_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 2.0)
    slow = drips(b"x" * 1000)

    def talk(spoken: socket.socket) -> None:
        spoken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        slow(spoken)

    with server(talk) as port:
        answer = send(port)
    assert (answer.failure, answer.status) == ("", 200)
    assert answer.milliseconds < LONG_BEFORE


def test_a_handshake_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.4)
    with server(drips(b"\x16\x03\x03\x40\x00" + b"\x00" * 500)) as port:
        answer = send(port, "https")
    assert answer.failure == "timeout"
    assert answer.milliseconds < LONG_BEFORE


def test_the_certificate_must_be_of_the_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    context, public = certificate(tmp_path, "localhost")
    with server(says(OK), context) as port:
        assert send(port, "https", "localhost").failure == "tls"  # nobody vouches for it
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        assert send(port, "https", "localhost") == Answer("", 200, ANY, "ok")
        assert send(port, "https", "127.0.0.1").failure == "tls"


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with server(says(OK)) as port:
        assert send(port).failure == ""
