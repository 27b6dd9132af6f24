"""The guarded fetcher: what it fetches, and what it cannot be talked into."""

import gzip
import itertools
import logging
import zlib

import pytest

from file_server import FileServer, Served, file_server
from memos.errors import ConfigError, DocumentError, UnavailableError
from memos.parsers.address import AddressPolicy
from memos.parsers.fetch import FetchLimits, GuardedFetcher, is_url

LOCAL = AddressPolicy(["127.0.0.0/8"])


@pytest.fixture
def server():
    with file_server() as running:
        yield running


def local(**options):
    return GuardedFetcher(LOCAL, **options)


def test_content_type_and_name_come_with_the_bytes(server: FileServer):
    url = server.put("/a/%E6%8A%A5%E5%91%8A.pdf", Served(b"%PDF-1.4", "Application/PDF; x=y"))
    found = local().fetch(url)
    assert (found.data, found.media_type, found.name) == (
        b"%PDF-1.4",
        "application/pdf",
        "报告.pdf",
    )
    assert server.seen[0][1]["accept-encoding"] == "identity"
    assert "authorization" not in server.seen[0][1]
    assert "cookie" not in server.seen[0][1]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="report.docx"', "report.docx"),
        ("attachment; filename*=UTF-8''%E8%8C%B6.txt", "茶.txt"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="..\\\\..\\\\boot.ini"', "boot.ini"),
    ],
)
def test_the_servers_file_name_is_taken_without_folders(server, disposition, name):
    url = server.put("/x", Served(b"a", headers={"Content-Disposition": disposition}))
    assert local().fetch(url).name == name


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1",
        "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1",
        "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "fe80::1%eth0", "nonsense",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_closed(address):
    assert not AddressPolicy().allows(address)
    resolver = {"evil.example": [address]}
    fetcher = GuardedFetcher(resolver=lambda host, port: resolver[host])
    with pytest.raises(DocumentError, match="not public"):
        fetcher.fetch("http://evil.example/")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_public_addresses_are_open(address):
    assert AddressPolicy().allows(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "[::1]",
     "[::ffff:127.0.0.1]", "localhost", "127.0.0.1.", "017700000001"],
)  # fmt: skip
def test_every_spelling_of_this_machine_is_refused(server: FileServer, host: str):
    with pytest.raises(DocumentError):
        GuardedFetcher().fetch(f"http://{host}:{server.port}/secret")
    assert server.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.com/a", "gopher://127.0.0.1/", "http://", "//x",
        "http://user:pass@example.com/", "http://example.com@127.0.0.1/", "http://exa mple.com/",
        "http://example.com\\@127.0.0.1/", "http://example.com:99999/", "http://example.com:0/",
        "http://[fe80::1%25eth0]/", "http://a\r\nHost: b/", "javascript:alert(1)",
        "http://" + "a" * 5000,
    ],
)  # fmt: skip
def test_urls_of_another_form_are_refused(url):
    fetcher = GuardedFetcher(resolver=lambda host, port: ["93.184.216.34"])
    with pytest.raises(DocumentError):
        fetcher.fetch(url)


def test_one_private_address_among_public_ones_condemns_the_name():
    fetcher = GuardedFetcher(resolver=lambda host, port: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(DocumentError, match="not public"):
        fetcher.fetch("http://mixed.example/")


def test_a_name_that_changes_its_address_gains_nothing(server: FileServer):
    """DNS rebinding: what was checked is what is connected to, and each hop asks once."""
    answers = iter([["127.0.0.2"], ["10.0.0.1"]])
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    # The first answer is allowed here, the second is not: a second look-up would be refused.
    server.put("/a", Served(b"public"))
    fetcher = GuardedFetcher(AddressPolicy(["127.0.0.2"]), resolver=resolver)
    with pytest.raises((DocumentError, UnavailableError)):
        # Nothing listens on 127.0.0.2: the connection must go there all the same.
        fetcher.fetch(f"http://rebind.example:{server.port}/a")
    assert asked == ["rebind.example"]
    assert server.seen == []


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:{port}/secret", "http://internal.example/", "file:///etc/passwd",
     "http://[::1]:{port}/secret", "//127.0.0.1:{port}/secret", "http://u:p@open.example/"],
)  # fmt: skip
def test_a_redirect_is_checked_as_the_first_url_was(server: FileServer, location: str):
    server.put("/secret", Served(b"secret"))
    target = location.format(port=server.port)
    server.put("/start", Served(status=302, headers={"Location": target}))
    names = {"open.example": ["127.0.0.1"], "internal.example": ["10.0.0.1"]}
    fetcher = GuardedFetcher(
        AddressPolicy(["open.example"]), resolver=lambda host, port: names.get(host, [host])
    )
    with pytest.raises(DocumentError):
        fetcher.fetch(f"http://open.example:{server.port}/start")
    assert [path for path, _ in server.seen] == ["/start"]


def test_redirects_are_followed_five_times(server: FileServer):
    for n in range(7):
        server.put(f"/{n}", Served(status=307, headers={"Location": f"/{n + 1}"}))
    server.put("/7", Served(b"end"))
    assert local().fetch(server.url + "/2").data == b"end"
    with pytest.raises(DocumentError, match="redirects too often"):
        local().fetch(server.url + "/1")


def test_an_endless_body_is_cut_off(server: FileServer):
    sent = itertools.count()

    def endless():
        while next(sent) < 10_000:
            yield b"x" * 65536

    url = server.put("/endless", Served(pieces=endless))
    with pytest.raises(DocumentError, match="larger than the 1 MB") as caught:
        local(limits=FetchLimits(bytes=2**20)).fetch(url)
    assert caught.value.code == 50104
    assert next(sent) < 5_000


def test_a_declared_size_is_believed_when_it_is_too_large(server: FileServer):
    url = server.put("/big", Served(b"x", headers={"Content-Length": str(2**40)}))
    with pytest.raises(DocumentError, match="larger"):
        local().fetch(url)


def test_compressed_bodies_are_unpacked_within_the_limit(server: FileServer):
    packed = {"gzip": gzip.compress(b"tea" * 1000), "deflate": zlib.compress(b"tea" * 1000)}
    for name, data in packed.items():
        url = server.put(f"/{name}", Served(data, headers={"Content-Encoding": name}))
        assert local().fetch(url).data == b"tea" * 1000
    bomb = gzip.compress(b"\0" * 50 * 2**20)
    url = server.put("/bomb", Served(bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(DocumentError, match="larger"):
        local(limits=FetchLimits(bytes=2**20)).fetch(url)
    for name in ("br", "zstd", "gzip, gzip"):
        url = server.put("/other", Served(b"x", headers={"Content-Encoding": name}))
        with pytest.raises(DocumentError, match="encoding"):
            local().fetch(url)


def test_a_server_that_drips_is_left_at_the_deadline(server: FileServer):
    clock = itertools.count(0, 1.0)
    url = server.put("/slow", Served(pieces=lambda: (b"x" for _ in range(100_000))))
    fetcher = local(limits=FetchLimits(seconds=30), monotonic=lambda: next(clock))
    with pytest.raises(UnavailableError, match="too long"):
        fetcher.fetch(url)


@pytest.mark.parametrize(
    ("media_type", "ok"),
    [("video/mp4", False), ("audio/mpeg", False), ("application/x-msdownload", False),
     ("image/png", True), (None, True), ("application/vnd.ms-excel", True),
     ("application/ld+json", True), ("application/octet-stream", True)],
)  # fmt: skip
def test_the_kind_of_content_is_checked(server, media_type, ok):
    url = server.put("/kind", Served(b"x", media_type))
    if ok:
        assert local().fetch(url).data == b"x"
    else:
        with pytest.raises(DocumentError, match="kind of content"):
            local().fetch(url)


def test_answers_that_may_change_are_told_from_those_that_stay(server: FileServer):
    for status, kind in ((404, DocumentError), (403, DocumentError), (500, UnavailableError),
                         (503, UnavailableError), (429, UnavailableError), (204, DocumentError)):  # fmt: skip
        url = server.put("/status", Served(b"", status=status))
        with pytest.raises(kind, match=str(status)):
            local().fetch(url)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        GuardedFetcher(resolver=_unknown).fetch("http://no.example/")


def _unknown(host: str, port: int) -> list[str]:
    raise OSError("unknown")


def test_proxies_of_the_environment_are_not_used(server: FileServer, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert local().fetch(server.put("/a", Served(b"direct"))).data == b"direct"


def test_refusals_are_logged_without_the_url(caplog):
    with caplog.at_level(logging.INFO), pytest.raises(DocumentError) as caught:
        GuardedFetcher().fetch("http://127.0.0.1/secret-path?token=abc")
    logged = " ".join(str(record.__dict__) for record in caplog.records)
    assert "a URL was not fetched" in logged
    assert "secret" not in logged
    assert "127.0.0.1" not in caught.value.message


def test_what_may_be_reached_is_told_by_names_addresses_and_networks():
    policy = AddressPolicy(["files.internal", "10.0.0.0/8", "192.168.1.7"])
    assert policy.allows_name("Files.Internal.")
    assert not policy.allows_name("x.files.internal")
    assert policy.allows("10.9.9.9")
    assert policy.allows("::ffff:10.9.9.9")
    assert policy.allows("192.168.1.7")
    assert not policy.allows("192.168.1.8")
    for wrong in ("http://x", "10.0.0.0/99", "0x7f.1", ""):
        with pytest.raises(ConfigError):
            AddressPolicy([wrong])


def test_urls_are_told_from_other_texts():
    assert is_url("HTTPS://example.com/a.pdf")
    assert not is_url("data:text/plain;base64,QQ==")
    assert not is_url("aHR0cDovLw==")
