"""Which documents a model may have uploaded."""

from pathlib import Path

import pytest
from mcp.server.mcpserver.exceptions import ToolError

from memos.api.mcp_serve.document import (
    LocalFile,
    PathPolicy,
    RemoteContent,
    read_document,
    read_documents,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    for name in ("notes/plan.md", ".ssh/id.txt", "notes/.cache/x.md", "notes/tool.exe"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("text", encoding="utf-8")
    return folder


def test_a_file_in_an_allowed_folder_is_read(home: Path) -> None:
    found = read_document(str(home / "notes/plan.md"), PathPolicy((home,)))
    assert found == LocalFile((home / "notes/plan.md").resolve())


@pytest.mark.parametrize(
    "name", [".ssh/id.txt", "notes/.cache/x.md", "notes/tool.exe", "notes/missing.md", "notes"]
)
def test_hidden_foreign_and_missing_files_are_refused(home: Path, name: str) -> None:
    with pytest.raises(ToolError):
        read_document(str(home / name), PathPolicy((home,)))


def test_no_link_or_dots_lead_out_of_the_folder(home: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("text", encoding="utf-8")
    (home / "notes/link.txt").symlink_to(secret)
    for path in (secret, home / "notes/link.txt", home / "notes/../../secret.txt"):
        with pytest.raises(ToolError, match="outside"):
            read_document(str(path), PathPolicy((home,)))


def test_a_hidden_folder_may_be_allowed_by_name(home: Path) -> None:
    found = read_document(str(home / ".ssh/id.txt"), PathPolicy((home / ".ssh",)))
    assert isinstance(found, LocalFile)


def test_no_folder_allows_no_file(home: Path) -> None:
    with pytest.raises(ToolError, match="--allow-dir"):
        read_document(str(home / "notes/plan.md"), PathPolicy(()))


def test_a_large_file_is_refused(home: Path) -> None:
    with pytest.raises(ToolError, match="larger"):
        read_document(str(home / "notes/plan.md"), PathPolicy((home,), most_bytes=3))


def test_home_and_variables_are_put_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("DOCS", str(home / "notes"))
    expected = LocalFile((home / "notes/plan.md").resolve())
    for text in ("~/notes/plan.md", "$DOCS/plan.md", "${DOCS}/plan.md", "%DOCS%/plan.md"):
        assert read_document(text, PathPolicy((home,))) == expected


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("https://example.com/a.pdf", "https://example.com/a.pdf"),
        ("HTTP://example.com/a.pdf", "HTTP://example.com/a.pdf"),
        ("example.com/files/a.pdf", "https://example.com/files/a.pdf"),
        (" 'example.com:8443/a.pdf' ", "https://example.com:8443/a.pdf"),
        ("data:text/plain;base64,SGk=", "data:text/plain;base64,SGk="),
    ],
)
def test_addresses_and_data_are_passed_on(text: str, content: str) -> None:
    assert read_document(text, PathPolicy(())) == RemoteContent(content)


@pytest.mark.parametrize("text", ["", "  ", "plan.md", "file:///etc/passwd", "ftp://x.org/a.md"])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(ToolError):
        read_document(text, PathPolicy(()))


def test_several_documents_are_checked_before_any_is_sent(home: Path) -> None:
    policy = PathPolicy((home,))
    local, remote = read_documents([str(home / "notes/plan.md"), "https://x.org/a.md"], policy)
    assert (len(local), len(remote)) == (1, 1)
    with pytest.raises(ToolError):
        read_documents(["https://x.org/a.md", "/etc/hostname.txt"], policy)
