"""What the tests of knowledge bases share."""

import base64
from typing import Any

from tests.conftest import Api

POLICY = """# Software Procurement Reimbursement Policy (Trial Version)

This policy sets how the company reimburses the purchase of software. Every purchase follows the
procurement limit of its category.

## Limits by category

- The procurement limit for design software is 1000 yuan; it covers graphic design, video editing
  and prototypes, for example Photoshop and Premiere.
- The procurement limit for development software is 1500 yuan; it covers editors and frameworks.
- The procurement limit for office software is 800 yuan; it covers documents and spreadsheets.

## Approval

Software above its limit needs a written reason and a special approval by the head of finance.
Security software is bought by the IT department alone.
"""
RICHTLINIE = """# 软件采购报销制度（试行）

本制度规范公司各类软件的采购和报销流程。

## 各类软件限额

设计类软件的采购限额为1000元，适用于平面设计、视频剪辑和原型设计。
开发类软件的采购限额为1500元，适用于集成开发环境和开发框架。
办公软件的采购限额为800元，适用于文档编辑和表格处理。

## 审批

超过限额的软件需要书面说明，并由财务负责人特别审批。
"""


def data_url(text: str | bytes, media_type: str = "text/markdown") -> str:
    content = text.encode() if isinstance(text, str) else text
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def made(api: Api, name: str = "Financial Reimbursement Knowledge Base") -> str:
    """A new knowledge base; its id."""
    answer = api.post("create/knowledgebase", {"knowledgebase_name": name})
    assert answer["code"] == 0, answer
    return answer["data"]["id"]


def added(api: Api, base: str, text: str | bytes = POLICY, name: str = "policy.md") -> dict:
    """A file added and worked on, as get/knowledgebase-file tells it."""
    file = {"content": data_url(text), "name": name}
    answer = api.post("add/knowledgebase-file", {"knowledgebase_id": base, "file": [file]})
    assert answer["code"] == 0, answer
    api.settle()
    return one(api, answer["data"][0]["id"])


def one(api: Api, file_id: str) -> dict:
    (file,) = api.post("get/knowledgebase-file", {"file_ids": [file_id]})["data"][
        "file_detail_list"
    ]
    return file


def found(api: Api, query: str, bases: Any, **more: Any) -> list[dict]:
    """Facts found in knowledge bases."""
    body = {"user_id": "memos_user_123", "query": query, "knowledgebase_ids": bases, **more}
    answer = api.post("search/memory", body)
    assert answer["code"] == 0, answer
    return answer["data"]["memory_detail_list"]
