"""Knowledge bases."""

from pydantic import BaseModel

from memos.configs.sections.setting import setting


class KnowledgeSettings(BaseModel):
    """How many knowledge bases a project may have and how much one may hold."""

    knowledgebase_max_count: int = setting(
        100, "Most knowledge bases of a project.", "Knowledge bases", ge=0
    )
    knowledgebase_max_megabytes: int = setting(
        10_240, "Most megabytes of the files of one knowledge base.", "Knowledge bases", ge=1
    )
