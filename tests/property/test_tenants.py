"""Nothing crosses from one project or user to another, and filters keep exactly what they say."""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.mem_os.bootstrap import System, build
from tests.conftest import KEY, START_MS, Api, ManualClock

MARK = re.compile(r"locker (\d{6})")
NUMBERS = itertools.count(100_001)
PROJECTS = (0, 1)
USERS = ("ana", "ben")
CONVERSATIONS = ("c1", "c2")
INVENTED = "00000000-0000-4000-8000-000000000000"
SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    """A clock of its own, so that record times lie apart."""
    return ManualClock()


@pytest.fixture(scope="module")
def api(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, clock: ManualClock
) -> Iterator[Api]:
    """One system for all examples; each example takes fresh projects of it."""
    chosen = Settings(
        data_dir=tmp_path_factory.mktemp("tenants"),
        bootstrap_api_key=KEY,
        tokens_per_minute=0,
        embedded_worker=False,
        timezone="UTC",
    )
    system = build(chosen, embedder=embedder, clock=clock)
    system.start()
    with TestClient(create_app(system), raise_server_exceptions=False) as http:
        yield Api(system, http)
    system.close()


def fresh_project(api: Api) -> Api:
    """The same application under the key of a project nobody used yet."""
    system: System = api.system
    project = system.records.create_project(f"p{next(NUMBERS)}")
    return api.with_key(system.projects.create_key(project.id, "k").secret)


def marks(answer: Any) -> set[int]:
    """Every marker that stands anywhere in an answer."""
    return {int(number) for number in MARK.findall(json.dumps(answer, ensure_ascii=False))}


@dataclass
class Tenant:
    """What the model knows of one project."""

    api: Api
    said: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    public: set[int] = field(default_factory=set)
    memories: dict[str, int] = field(default_factory=dict)
    tasks: set[str] = field(default_factory=set)
    copies: dict[str, int] = field(default_factory=dict)

    def own(self, user: str) -> set[int]:
        """Markers of a user that were not deleted."""
        return {n for (owner, _), numbers in self.said.items() if owner == user for n in numbers}


class World:
    """Two projects with the same users, a model of what each may see, and the real thing."""

    def __init__(self, api: Api) -> None:
        self.tenants = [Tenant(fresh_project(api)) for _ in PROJECTS]
        self._api = api

    def add(self, project: int, user: str, conversation: str, public: bool) -> None:
        tenant, number = self.tenants[project], next(NUMBERS)
        body = {
            "user_id": user,
            "conversation_id": conversation,
            "messages": [{"role": "user", "content": f"I keep my tent in locker {number}."}],
            "allow_public": public,
            "async_mode": False,
        }
        answer = tenant.api.post("add/message", body)
        assert answer["data"]["status"] == "completed"
        tenant.tasks.add(answer["data"]["task_id"])
        tenant.said.setdefault((user, conversation), []).append(number)
        if public:
            tenant.public.add(number)
        self._learn(tenant, user)

    def _learn(self, tenant: Tenant, user: str) -> None:
        """Remember which id each memory has."""
        listed = tenant.api.post("get/memory", {"user_id": user, "size": 50})["data"]
        for memory in listed["memory_detail_list"]:
            (number,) = marks(memory["memory_value"])
            tenant.memories[memory["id"]] = number

    def search(self, project: int, user: str) -> None:
        tenant = self.tenants[project]
        body = {
            "user_id": user,
            "query": "In which locker is the tent?",
            "relativity": 0,
            "memory_limit_number": 25,
            "preference_limit_number": 25,
            "include_tool_memory": True,
            "include_skill": True,
        }
        answer = tenant.api.post("search/memory", body)
        assert marks(answer) == tenant.own(user) | tenant.public
        for memory in answer["data"]["memory_detail_list"]:
            assert "memos:" not in json.dumps(memory)
            if memory["id"] not in tenant.memories:  # the public copy of another user's memory
                tenant.copies[memory["id"]] = marks(memory).pop()

    def listing(self, project: int, user: str) -> None:
        tenant = self.tenants[project]
        answer = tenant.api.post("get/memory", {"user_id": user, "size": 50})
        assert marks(answer) == tenant.own(user)
        assert answer["data"]["total"] == len(tenant.own(user))

    def messages(self, project: int, user: str, conversation: str) -> None:
        tenant = self.tenants[project]
        body = {"user_id": user, "conversation_id": conversation, "message_limit_number": 50}
        listed = tenant.api.post("get/message", body)["data"]["message_detail_list"]
        said = [int(MARK.findall(m["content"])[0]) for m in listed]
        assert said == tenant.said.get((user, conversation), [])

    def ids(self, project: int) -> None:
        """Ids of this project answer; those of the other exactly as one that never was."""
        tenant, other = self.tenants[project], self.tenants[1 - project]
        for memory, number in tenant.memories.items():
            assert marks(tenant.api.get(f"get/memory/{memory}")) == {number}
        for memory, number in tenant.copies.items():
            assert marks(tenant.api.get(f"get/memory/{memory}")) <= {number}
        unknown = tenant.api.request("GET", f"/api/openmem/v1/get/memory/{INVENTED}")
        for memory in [*other.memories, *other.copies]:
            foreign = tenant.api.request("GET", f"/api/openmem/v1/get/memory/{memory}")
            assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)
        for task in other.tasks:
            foreign_task = tenant.api.post("get/status", {"task_id": task})
            unknown_task = tenant.api.post("get/status", {"task_id": INVENTED})
            assert dict(foreign_task, data=None) == dict(unknown_task, data=None)

    def delete_foreign(self, project: int) -> None:
        """Deleting with an id of the other project among one's own deletes nothing at all."""
        tenant, other = self.tenants[project], self.tenants[1 - project]
        unknown = tenant.api.post("delete/memory", {"memory_ids": [INVENTED]})
        assert unknown["code"] == 40307
        mine = list(tenant.memories)[:1]
        for memory in list(other.memories)[:2]:
            answer = tenant.api.post("delete/memory", {"memory_ids": [*mine, memory]})
            assert answer == unknown

    def delete_one(self, project: int) -> None:
        tenant = self.tenants[project]
        if not tenant.memories:
            return
        memory, number = next(iter(tenant.memories.items()))
        assert tenant.api.post("delete/memory", {"memory_ids": [memory]})["code"] == 0
        self._forget(tenant, {number}, keep_message=True)

    def delete_user(self, project: int, user: str) -> None:
        tenant = self.tenants[project]
        known = any(owner == user for owner, _ in tenant.said)
        answer = tenant.api.post("delete/memory", {"user_id": user})
        assert answer["code"] == (0 if known else 40308)
        self._forget(tenant, tenant.own(user), keep_message=False)
        for key in [k for k in tenant.said if k[0] == user]:
            del tenant.said[key]

    def delete_by_filter(self, project: int, conversation: str) -> None:
        tenant = self.tenants[project]
        where = {"and": [{"conversation_id": conversation}]}
        assert tenant.api.post("delete/memory", {"filter": where})["code"] == 0
        gone = {n for (_, c), numbers in tenant.said.items() if c == conversation for n in numbers}
        self._forget(tenant, gone, keep_message=True)

    @staticmethod
    def _forget(tenant: Tenant, numbers: set[int], *, keep_message: bool) -> None:
        """A deleted memory takes its words in the message and its public copy with it."""
        tenant.public -= numbers
        tenant.memories = {m: n for m, n in tenant.memories.items() if n not in numbers}
        tenant.copies = {m: n for m, n in tenant.copies.items() if n not in numbers}
        if keep_message:
            for said in tenant.said.values():
                said[:] = [n for n in said if n not in numbers]


PROJECT, USER, CONVERSATION = map(st.sampled_from, (PROJECTS, USERS, CONVERSATIONS))
ADD = st.tuples(st.just("add"), PROJECT, USER, CONVERSATION, st.booleans())
LOOK = st.one_of(
    st.tuples(st.sampled_from(["search", "listing"]), PROJECT, USER),
    st.tuples(st.just("messages"), PROJECT, USER, CONVERSATION),
    st.tuples(st.sampled_from(["ids", "delete_foreign"]), PROJECT),
)
REMOVE = st.one_of(
    st.tuples(st.just("delete_one"), PROJECT),
    st.tuples(st.just("delete_user"), PROJECT, USER),
    st.tuples(st.just("delete_by_filter"), PROJECT, CONVERSATION),
)


@settings(SETTINGS, max_examples=25)
@given(first=st.lists(ADD, min_size=2, max_size=6), rest=st.lists(ADD | LOOK | REMOVE, max_size=14))
def test_two_tenants_never_see_each_other(
    api: Api, first: list[tuple[Any, ...]], rest: list[tuple[Any, ...]]
) -> None:
    world = World(api)
    for step in [*first, *rest]:
        getattr(world, step[0])(*step[1:])
    for project in PROJECTS:
        for user in USERS:
            world.search(project, user)
            world.listing(project, user)
            for conversation in CONVERSATIONS:
                world.messages(project, user, conversation)
        world.ids(project)
        world.delete_foreign(project)


AGENTS, APPS = st.sampled_from([None, "a1", "a2"]), st.sampled_from([None, "x", "y"])
VALUES = st.sampled_from([0, 1, 1.0, 2.5, True, False, "1", "home", "Home office", "50%_", "", -3])
LISTS = st.lists(st.sampled_from([1, "1", "red", True, 2.5]), max_size=3)
NUMBERS_TOLD, WORDS_TOLD = [0, 1, 2.5, -3], ["home", "Home office", "50%_", "1", ""]
INFO = st.fixed_dictionaries(
    {},
    optional={
        "level": st.sampled_from(NUMBERS_TOLD),
        "scene": st.sampled_from(WORDS_TOLD),
        "colours": LISTS,
        "odd": VALUES | LISTS,
    },
)
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Memory:
    """What was added, and the tags it got."""

    agent_id: str | None
    app_id: str | None
    conversation_id: str
    info: dict[str, Any]
    tags: tuple[str, ...] = ()
    create_time: int = 0


def condition_strategy() -> st.SearchStrategy[dict[str, Any]]:
    order = st.sampled_from(["lt", "lte", "gt", "gte"])
    day = st.integers(-1, 10).map(
        lambda n: datetime.fromtimestamp(START_MS / 1000 + n * 86_400, timezone.utc)
    )
    moment = day.map(lambda d: d.strftime("%Y-%m-%d")) | st.integers(0, 9).map(
        lambda n: START_MS + n * DAY_MS
    )
    text = st.sampled_from(["home", "HOME", "50%", "%", "_", "1", ""])
    key = st.sampled_from(["scene", "level", "colours", "odd", "absent"])
    info = st.one_of(
        VALUES,
        st.tuples(order, st.sampled_from([0, 1, 2.5, -3, "home", "a"])).map(lambda p: dict([p])),
        st.lists(VALUES, min_size=1, max_size=3).map(lambda v: {"in": v}),
        text.map(lambda v: {"like": v}),
        st.sampled_from([1, "1", "red", True, False]).map(lambda v: {"contains": v}),
        VALUES.map(lambda v: {"=": v}),
    )
    return st.one_of(
        AGENTS.filter(bool).map(lambda v: {"agent_id": v}),
        APPS.filter(bool).map(lambda v: {"app_id": v}),
        st.sampled_from(CONVERSATIONS).map(lambda v: {"conversation_id": v}),
        st.sampled_from(["lockers", "tent", "tax"]).map(lambda v: {"tags": {"contains": v}}),
        st.tuples(order, moment).map(lambda p: {"create_time": dict([p])}),
        st.tuples(key, info).map(lambda p: dict([p])),
        st.tuples(order, st.sampled_from(NUMBERS_TOLD)).map(lambda p: {"level": dict([p])}),
        st.tuples(order, st.sampled_from(WORDS_TOLD)).map(lambda p: {"scene": dict([p])}),
        st.tuples(key, AGENTS.filter(bool), info).map(lambda p: {p[0]: p[2], "agent_id": p[1]}),
    )


GROUPS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.tuples(
        st.sampled_from(["and", "or"]), st.lists(condition_strategy(), min_size=1, max_size=3)
    ).map(lambda p: {p[0]: p[1]}),
    lambda inner: st.tuples(
        st.sampled_from(["and", "or"]),
        st.lists(condition_strategy() | inner, min_size=1, max_size=3),
    ).map(lambda p: {p[0]: p[1]}),
    max_leaves=4,
)


def passes(memory: Memory, node: dict[str, Any]) -> bool:
    """Whether a memory meets a filter, read off the documentation condition by condition."""
    if "and" in node:
        return all(passes(memory, member) for member in node["and"])
    if "or" in node:
        return any(passes(memory, member) for member in node["or"])
    return all(holds(memory, name, wanted) for name, wanted in node.items())


def holds(memory: Memory, name: str, wanted: Any) -> bool:
    if name in {"agent_id", "app_id", "conversation_id"}:
        return getattr(memory, name) == wanted
    if name == "tags":
        return wanted["contains"] in memory.tags
    if name == "create_time":
        ((word, value),) = wanted.items()
        return in_order(word, memory.create_time, *instant(value))
    there = memory.info.get(name)
    ((word, value),) = wanted.items() if isinstance(wanted, dict) else (("=", wanted),)
    if word == "=":
        return same(there, value)
    if word == "in":
        return any(same(there, one) for one in value)
    if word == "like":
        return isinstance(there, str) and value.casefold() in there.casefold()
    if word == "contains":
        return isinstance(there, list) and any(same(one, value) for one in there)
    if kind(there) != kind(value) or kind(there) not in {"number", "text"}:
        return False
    return {"lt": there < value, "lte": there <= value, "gt": there > value, "gte": there >= value}[
        word
    ]


def kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return {int: "number", float: "number", str: "text", list: "list"}.get(type(value), "nothing")


def same(one: Any, other: Any) -> bool:
    return kind(one) == kind(other) != "list" and one == other


def instant(value: Any) -> tuple[int, int]:
    """First millisecond a time names, and the first one after it."""
    if isinstance(value, int):
        return value, value + 1
    start = int(datetime.fromisoformat(value).replace(tzinfo=timezone.utc).timestamp() * 1000)
    return start, start + DAY_MS


def in_order(word: str, there: int, start: int, end: int) -> bool:
    return {"lt": there < start, "lte": there < end, "gt": there >= end, "gte": there >= start}[
        word
    ]


@pytest.fixture(scope="module")
def stock(api: Api, clock: ManualClock) -> tuple[Api, dict[int, Memory]]:
    """A user's memories with every mixture of fields, by marker."""
    tenant = fresh_project(api)
    cases: list[Memory] = []

    @settings(SETTINGS, max_examples=22)
    @given(st.builds(Memory, AGENTS, APPS, st.sampled_from(CONVERSATIONS), INFO))
    def collect(memory: Memory) -> None:
        cases.append(memory)

    collect()
    memories: dict[int, Memory] = {}
    for case in cases[:24]:
        number = next(NUMBERS)
        body = {
            "user_id": "ana",
            "messages": [{"role": "user", "content": f"I keep my tent in locker {number}."}],
            "tags": ["lockers", "tax"] if number % 2 else None,
            "async_mode": False,
            "agent_id": case.agent_id,
            "app_id": case.app_id,
            "conversation_id": case.conversation_id,
            "info": case.info,
        }
        assert tenant.post("add/message", body)["code"] == 0
        memories[number] = case
        clock.advance(30_000)
        if number % 3 == 0:
            clock.advance(86_400)
    listed = tenant.post("get/memory", {"user_id": "ana", "size": 50})["data"]
    for entry in listed["memory_detail_list"]:
        (number,) = marks(entry["memory_value"])
        case = memories[number]
        assert entry["info"] == case.info
        memories[number] = Memory(
            case.agent_id, case.app_id, case.conversation_id, case.info,
            tuple(entry["tags"]), entry["create_time"],
        )  # fmt: skip
    assert listed["total"] == len(memories)
    return tenant, memories


@settings(SETTINGS, max_examples=250)
@given(where=GROUPS, by_source=st.booleans())
def test_every_filter_keeps_what_brute_force_keeps(
    stock: tuple[Api, dict[int, Memory]], where: dict[str, Any], by_source: bool
) -> None:
    tenant, memories = stock
    expected = {number for number, memory in memories.items() if passes(memory, where)}
    sent = {"user": where} if by_source else where
    listed = tenant.post("get/memory", {"user_id": "ana", "size": 50, "filter": sent})
    assert listed["code"] == 0
    assert marks(listed) == expected
    assert listed["data"]["total"] == len(expected)
    search = {"user_id": "ana", "query": "Which locker?", "relativity": 0, "filter": sent}
    found = tenant.post("search/memory", {**search, "memory_limit_number": 25})
    assert marks(found) == expected


def test_the_memories_differ_enough_for_filters_to_tell(
    stock: tuple[Api, dict[int, Memory]],
) -> None:
    _, memories = stock
    assert len(memories) >= 20
    days = {m.create_time // DAY_MS for m in memories.values()}
    assert len(days) > 3
    assert len({m.agent_id for m in memories.values()}) == 3
    assert any(m.tags for m in memories.values())
    assert len({json.dumps(m.info) for m in memories.values()}) > 10
