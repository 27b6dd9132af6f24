"""Fetching what a URL names, without being led into the operator's network."""

import logging
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote, urljoin, urlsplit

import httpcore

from memos.errors import DocumentError, DocumentTooLargeError, MemosError, UnavailableError
from memos.parsers.address import AddressPolicy
from memos.parsers.connect import GuardedBackend, Resolve, resolve

logger = logging.getLogger(__name__)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 425, 429})
_MAX_REDIRECTS = 5
_MAX_URL = 4096
_STEP_TIMEOUTS = {"connect": 10.0, "read": 20.0, "write": 10.0, "pool": 10.0}
_BROWSER_LIKE = b"Mozilla/5.0 (compatible; MemOS)"
_KINDS = ("text/", "image/", "application/vnd.")
_TYPES = frozenset(
    {
        "application/pdf",
        "application/msword",
        "application/json",
        "application/xml",
        "application/xhtml+xml",
        "application/zip",
        "application/x-zip-compressed",
        # What servers say of a file they know nothing about.
        "application/octet-stream",
        "binary/octet-stream",
        "application/force-download",
        "application/download",
        "application/x-download",
    }
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a URL named.

    Args:
        data: all its bytes, decompressed.
        media_type: as the server says, without parameters, lower case; empty when it says none.
        name: file name the server gives, else the last part of the URL's path; may be empty.
    """

    data: bytes
    media_type: str
    name: str


class Fetcher(Protocol):
    """Fetches URLs. Safe to call from several threads at once."""

    def fetch(self, url: str) -> Fetched:
        """The content behind an http or https URL.

        Raises:
            DocumentError: it may not be fetched, is too large, of a wrong type, or not there.
            UnavailableError: the server cannot be reached now; trying again may help.
        """
        ...


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much one fetch may take: bytes after decompression, seconds in all."""

    bytes: int = 100 * 2**20
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL taken apart once: no other parser sees it again."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_default_port(self) -> bool:
        return self.port == (443 if self.scheme == "https" else 80)

    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


class GuardedFetcher:
    """Fetches over http and https only, to addresses that were checked, within limits.

    Neither proxies nor credentials of the environment are used. Redirects are followed by the same
    rules, five of them at most.

    Args:
        policy: what may be reached.
        limits: see `FetchLimits`.
        resolver: addresses of a host; the system's when left out.
        monotonic: seconds from an arbitrary start.
        ssl_context: trusted certificates; the system's when left out.
    """

    def __init__(
        self,
        policy: AddressPolicy | None = None,
        limits: FetchLimits | None = None,
        *,
        resolver: Resolve = resolve,
        monotonic: Callable[[], float] = time.monotonic,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy or AddressPolicy()
        self._limits = limits or FetchLimits()
        self._resolver = resolver
        self._monotonic = monotonic
        self._ssl_context = ssl_context

    def fetch(self, url: str) -> Fetched:
        """The content behind a URL.

        Raises:
            DocumentError, UnavailableError: see `Fetcher`.
        """
        deadline = self._monotonic() + self._limits.seconds
        try:
            return self._follow(url, deadline)
        except httpcore.TimeoutException as error:
            raise self._told(UnavailableError("the server of the URL takes too long")) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise self._told(UnavailableError("the server of the URL cannot be reached")) from error
        except DocumentError as error:
            raise self._told(error) from error.__cause__

    def _told(self, error: MemosError) -> MemosError:
        logger.info("a URL was not fetched", extra={"reason": error.message})
        return error

    def _follow(self, url: str, deadline: float) -> Fetched:
        for _ in range(_MAX_REDIRECTS + 1):
            target = parse_url(url)
            backend = GuardedBackend(
                self._policy, self._resolver, lambda: deadline - self._monotonic()
            )
            # One pool a hop: a connection is never used again for what another check allowed.
            with httpcore.ConnectionPool(
                ssl_context=self._ssl_context, network_backend=backend, retries=0
            ) as pool:
                found = self._get(pool, target)
            if isinstance(found, Fetched):
                return found
            url = found
        raise DocumentError("the URL redirects too often")

    def _get(self, pool: httpcore.ConnectionPool, target: _Target) -> Fetched | str:
        """The content, or where it is said to be instead."""
        host = f"[{target.host}]" if ":" in target.host else target.host
        name = host if target.is_default_port else f"{host}:{target.port}"
        headers = [
            (b"Host", name.encode()),
            (b"Accept", b"*/*"),
            (b"Accept-Encoding", b"identity"),
            (b"User-Agent", _BROWSER_LIKE),
        ]
        with pool.stream(
            "GET", target.url(), headers=headers, extensions={"timeout": _STEP_TIMEOUTS}
        ) as response:
            answer = {key.decode("latin-1").lower(): value for key, value in response.headers}
            if response.status in _REDIRECTS and answer.get("location"):
                return urljoin(target.url(), answer["location"].decode("latin-1"))
            _check_status(response.status)
            media_type = _media_type(answer)
            data = self._body(response, answer)
        return Fetched(data, media_type, _name(answer, target.path))

    def _body(self, response: httpcore.Response, headers: Mapping[str, bytes]) -> bytes:
        most = self._limits.bytes
        declared = headers.get("content-length", b"")
        if declared.isdigit() and len(declared) < 20 and int(declared) > most:
            raise DocumentTooLargeError(_too_large(most), code=50104)
        data = bytearray()
        for piece in _unpacked(response.iter_stream(), headers.get("content-encoding", b"")):
            data += piece
            if len(data) > most:
                raise DocumentTooLargeError(_too_large(most), code=50104)
        return bytes(data)


def is_url(text: str) -> bool:
    """Whether a text means to be a URL that is fetched: it begins with `http://` or `https://`."""
    return text[:8].lower().startswith(("http://", "https://"))


def parse_url(url: str) -> _Target:
    """A URL taken apart.

    Raises:
        DocumentError: it is not an http or https URL, or holds credentials or odd characters.
    """
    url = url.strip()
    if len(url) > _MAX_URL or any(c <= " " or c in '\\"<>^`{|}' or c == "\x7f" for c in url):
        raise DocumentError("the URL is not well-formed")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode().lower()
    except (ValueError, UnicodeError) as error:
        raise DocumentError("the URL is not well-formed") from error
    if parts.scheme.lower() not in ("http", "https"):
        raise DocumentError("only http and https URLs are fetched")
    if "@" in parts.netloc:
        raise DocumentError("the URL holds credentials; leave them out")
    if not host or "%" in host or port == 0:
        raise DocumentError("the URL is not well-formed")
    scheme = parts.scheme.lower()
    path = _ascii(parts.path or "/") + (f"?{_ascii(parts.query)}" if parts.query else "")
    return _Target(scheme, host, port or (443 if scheme == "https" else 80), path)


def _ascii(text: str) -> str:
    return "".join(
        c if c.isascii() else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text
    )


def _check_status(status: int) -> None:
    if status in _LATER or status >= 500:
        raise UnavailableError(f"the server of the URL answers {status}")
    if status != 200:
        raise DocumentError(f"the server of the URL answers {status}")


def _media_type(headers: Mapping[str, bytes]) -> str:
    media_type = headers.get("content-type", b"").decode("latin-1").split(";")[0].strip().lower()
    if not media_type or media_type in _TYPES or media_type.startswith(_KINDS):
        return media_type
    if media_type.endswith(("+json", "+xml")):
        return media_type
    raise DocumentError("the URL leads to a kind of content that is not read")


def _name(headers: Mapping[str, bytes], path: str) -> str:
    """File name from `Content-Disposition`, else from the path; without folders."""
    given = ""
    for part in headers.get("content-disposition", b"").decode("latin-1").split(";")[1:]:
        key, _, value = part.strip().partition("=")
        if key.lower() == "filename*" and value.count("'") >= 2:
            given = unquote(value.split("'", 2)[2])
            break
        if key.lower() == "filename":
            given = value.strip('"')
    name = given or unquote(path.split("?", maxsplit=1)[0])
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in name if c.isprintable())[:255]


def _unpacked(pieces: Iterator[bytes], encoding: bytes) -> Iterator[bytes]:
    """Pieces of a body, decompressed a bounded step at a time."""
    name = encoding.decode("latin-1").strip().lower()
    if name in ("", "identity"):
        yield from pieces
        return
    if name not in ("gzip", "x-gzip", "deflate"):
        raise DocumentError("the server of the URL sends an encoding that was not asked for")
    unpack = zlib.decompressobj(wbits=47 if name != "deflate" else 15)
    try:
        for piece in pieces:
            rest = piece
            while rest:
                yield unpack.decompress(rest, 1 << 16)
                rest = unpack.unconsumed_tail
        yield unpack.flush()
    except zlib.error as error:
        raise DocumentError("the server of the URL sends broken content") from error


def _too_large(most: int) -> str:
    return f"the file is larger than the {most // 2**20} MB that are read"
