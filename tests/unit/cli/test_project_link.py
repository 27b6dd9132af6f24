"""`memos projects link`: a knowledge base for a second project."""

from pathlib import Path

import pytest

from memos.cli.project import link
from memos.cli.stores import open_stores
from memos.errors import NotFoundError


def test_a_project_is_linked_to_a_knowledge_base_of_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_stores(tmp_path, make=True) as stores:
        one = stores.records.create_project("one")
        two = stores.records.create_project("two")
        base = stores.records.create_knowledgebase(one.id, "Policies", "", most=9)
    link(base.id, "two", tmp_path)
    assert "2 projects" in capsys.readouterr().out
    with open_stores(tmp_path) as stores:
        assert stores.records.linked_projects(base.id) == [one.id, two.id]
    for knowledgebase, project in (("base-none", "two"), (base.id, "nobody")):
        with pytest.raises(NotFoundError):
            link(knowledgebase, project, tmp_path)
