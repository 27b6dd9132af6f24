"""Writes a cube's rows into other cubes of the same file: a store of many users within a minute."""

import shutil
from pathlib import Path

import apsw

from memos.mem_os.bootstrap import MEMORY_FILE

_BITS = 32


def multiply(source: Path, target: Path, copies: int) -> None:
    """Copy a data folder and give `copies` more users the rows of its largest cube.

    Same tables and indexes as if the store had written them; the rows' texts repeat.

    Args:
        source: a data folder no one has open.
        target: the folder to be made.
        copies: number of users to add.
    """
    shutil.copytree(source, target)
    connection = apsw.Connection(str(target / MEMORY_FILE))
    for setting in ("journal_mode=off", "synchronous=off", "cache_size=-500000"):
        connection.execute(f"pragma {setting}").fetchall()
    cube = connection.execute("select id from cube order by next desc limit 1").get
    for number in range(copies):
        connection.execute("begin")
        _copy(connection, int(cube), f"-crowd{number}")
        connection.execute("commit")
    connection.close()


def _copy(connection: apsw.Connection, cube: int, mark: str) -> None:
    connection.execute(
        "insert into cube (uid, project, next, rev, log_from)"
        " select uid || ?, project, next, 1, 1 from cube where id=?",
        (mark, cube),
    )
    new = connection.last_insert_rowid()
    columns = [row[1] for row in connection.execute("pragma table_info(item)")]
    kept = ",".join(c for c in columns if c not in {"id", "uid", "cube"})
    names = {
        "mark": mark, "new": new, "shift": (new - cube) << _BITS, "cube": cube,
        "first": cube << _BITS, "end": (cube + 1) << _BITS,
    }  # fmt: skip
    for statement in (
        f"insert into item (id, uid, cube, {kept}) select id + :shift, uid || :mark, :new, {kept}"
        " from item where id >= :first and id < :end",
        "insert into item_tag select :new, tag, id + :shift from item_tag where cube = :cube",
        "insert into item_vector select id + :shift, vector, tokens from item_vector"
        " where id >= :first and id < :end",
        "insert into edge select source + :shift, kind, target + :shift from edge"
        " where source >= :first and source < :end",
    ):
        wanted = {name: value for name, value in names.items() if f":{name}" in statement}
        connection.execute(statement, wanted)
