"""Where webhooks may go: every form of a private address is refused unless the deployment allows it."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from app.errors import BadInput
from app.webhooks import addresses
from app.webhooks.addresses import Allowed, allowed_by, is_public, target_of

NOBODY = Allowed()
PRIVATE = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.1.2.3",
    "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192",
    "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "3fff::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "4000::1",
)  # fmt: skip
PUBLIC = (
    "1.1.1.1", "8.8.8.8", "103.28.12.1", "172.32.0.1", "192.167.255.255", "2606:4700:4700::1111", "64:ff9b::808:808",
    "::ffff:8.8.8.8", "2a00:1450:4001::1",
)  # fmt: skip
FORMS = (
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/",
    "https://0177.0.0.1/", "https://017700000001/", "https://127.0.0.1:8443/x", "https://localhost/", "https://LOCALHOST/",
    "https://localhost./", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://0/",
    "https://0.0.0.0/", "https://[::]/", "https://169.254.169.254/latest/meta-data/", "https://2852039166/",
    "https://192.168.1.1/", "https://[fd00:ec2::254]/", "https://[fe80::1]/", "https://[64:ff9b::7f00:1]/",
    "http://127.0.0.1/", "http://localhost:9000/",
)  # fmt: skip
MALFORMED = (
    "", "x", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "javascript:alert(1)",
    "//example.org/", "https://", "https:///x", "https://user@example.org/", "https://user:pw@example.org/", "https://@127.0.0.1/",
    "https://example.org#@127.0.0.1/", "https://example.org/#x", "https://example.org\\@127.0.0.1/",
    "https://exa mple.org/", "https://example.org/\r\nX: y", "https://\uff11\uff12\uff17.0.0.1/", "https://loc\u00e4lhost/",
    "https://[::1/", "https://example.org:99999/", "https://example.org:x/", "https://example.org/" + "a" * 500,
    "https://exam*ple.org/", "https://%6c%6fcalhost/",
)  # fmt: skip


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("url", FORMS)
def test_every_way_to_write_a_private_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="NETRA_WEBHOOK_ALLOW"):
        target_of(url, NOBODY)


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        target_of(url, allowed_by("0.0.0.0/0, ::/0"))


@pytest.mark.parametrize("port", [0, 21, 22, 25, 444, 1023])
def test_ports_of_other_services_are_refused(port: int) -> None:
    with pytest.raises(BadInput, match="1024"):
        target_of(f"https://1.1.1.1:{port}/", NOBODY)


def test_a_public_address_needs_tls() -> None:
    assert target_of("https://1.1.1.1/a?b=c", NOBODY).path == "/a?b=c"
    with pytest.raises(BadInput, match="https"):
        target_of("http://1.1.1.1/", NOBODY)


def test_what_the_deployment_allows() -> None:
    network = allowed_by("10.1.0.0/16, 127.0.0.0/8,, hook.internal")
    assert target_of("http://127.0.0.1:9000/x", network).addresses == ("127.0.0.1",)
    assert target_of("https://10.1.2.3/", network).authority == "10.1.2.3"
    with pytest.raises(BadInput):
        target_of("https://10.2.0.1/", network)
    by_name = allowed_by("LOCALHOST.")
    assert target_of("http://localhost:9000/", by_name).authority == "localhost:9000"
    with pytest.raises(BadInput):
        target_of("http://127.0.0.1:9000/", by_name)


def answering(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    """Whatever is asked resolves to these addresses."""

    def resolve(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolve)


def test_one_private_address_among_others_is_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "93.184.215.14", "2606:4700::1")
    assert target_of("https://contoh.id/", NOBODY).addresses == ("93.184.215.14", "2606:4700::1")
    answering(monkeypatch, "93.184.215.14", "10.0.0.1")
    with pytest.raises(BadInput):
        target_of("https://contoh.id/", NOBODY)


def test_an_allowed_name_never_leads_to_where_clouds_give_out_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = allowed_by("contoh.id")
    for bad in ("169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0"):
        answering(monkeypatch, bad)
        with pytest.raises(BadInput):
            target_of("https://contoh.id/", allowed)
    answering(monkeypatch, "192.168.7.7")
    assert target_of("http://contoh.id/", allowed).addresses == ("192.168.7.7",)


def test_a_name_without_address_is_told() -> None:
    with pytest.raises(BadInput, match="No such host"):
        target_of("https://tidak-ada.invalid/", NOBODY)
