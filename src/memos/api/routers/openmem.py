"""The Cloud API, under `/api/openmem/v1`."""

from typing import Any

from fastapi import APIRouter

from memos.api import answers
from memos.api.gateway import Call, Gateway
from memos.api.openmem_models import (
    AddData,
    AddFeedbackRequest,
    AddMessageRequest,
    DeleteData,
    DeleteMemoryRequest,
    ExplainMemoryRequest,
    FeedbackData,
    FoundData,
    GetMemoryData,
    GetMemoryRequest,
    GetMessageData,
    GetMessageRequest,
    GetStatusRequest,
    MemoryById,
    PartDetail,
    SearchMemoryRequest,
    StatusData,
)
from memos.api.requests import (
    add_command,
    delete_filter,
    feedback_command,
    list_command,
    search_command,
)
from memos.api.routers.chat import add_chat_routes
from memos.api.routers.knowledge import add_knowledge_routes
from memos.api.routers.profile import add_profile_routes, profile_detail
from memos.api.routers.skill import with_links
from memos.api.routers.truth import add_truth_routes
from memos.handlers.receipt import Receipt
from memos.mem_os.bootstrap import System
from memos.types.scope import Cube

PREFIX = "/api/openmem/v1"


def build_router(system: System, gateway: Gateway) -> APIRouter:
    """Routes of the Cloud API over a system."""
    routes = Routes(system)
    router = APIRouter(prefix=PREFIX, tags=["memory"])
    gateway.post(router, "add/message", AddMessageRequest, routes.add_message, slow=True)
    gateway.post(router, "add/feedback", AddFeedbackRequest, routes.add_feedback, slow=True)
    gateway.post(router, "search/memory", SearchMemoryRequest, routes.search_memory)
    gateway.post(router, "explain/memory", ExplainMemoryRequest, routes.explain_memory)
    gateway.post(router, "get/memory", GetMemoryRequest, routes.get_memory)
    gateway.post(router, "delete/memory", DeleteMemoryRequest, routes.delete_memory, slow=True)
    gateway.post(router, "get/message", GetMessageRequest, routes.get_message)
    gateway.post(router, "get/status", GetStatusRequest, routes.get_status)
    add_chat_routes(router, gateway, system)
    gateway.get(router, "get/memory/{memory_id}", routes.memory_by_id)
    add_knowledge_routes(router, gateway, system)
    gateway.get(router, "ping", routes.ping)
    gateway.get(router, "ping/", routes.ping, documented=False)
    add_truth_routes(router, gateway, system.truth)
    add_profile_routes(router, gateway, system.profiles)
    return router


class Routes:
    """What each endpoint does with a checked request. Runs on worker threads."""

    def __init__(self, system: System) -> None:
        self._system = system

    def add_message(self, call: Call, body: AddMessageRequest) -> AddData:
        """Add messages. Durable and searchable when it answers; refined behind it by default."""
        command = add_command(
            body,
            now_ms=self._system.clock.now_ms(),
            zone=self._system.settings.zone,
            request_id=call.idempotency_key,
        )
        outcome = self._system.add(call.caller, command)
        return AddData(success=True, task_id=outcome.task_id, status=outcome.status)

    def add_feedback(self, call: Call, body: AddFeedbackRequest) -> FeedbackData:
        """Correct, complete, rename or forget memories by what a user says about them."""
        command = feedback_command(
            body,
            now_ms=self._system.clock.now_ms(),
            zone=self._system.settings.zone,
            request_id=call.idempotency_key,
        )
        outcome = self._system.feedback(call.caller, command)
        record = None if outcome.record is None else outcome.record.to_json()
        return FeedbackData(
            success=True, task_id=outcome.task_id, status=outcome.status, record=record
        )

    def search_memory(self, call: Call, body: SearchMemoryRequest) -> FoundData:
        """Find the memories of a user that bear on a question, most relevant first."""
        command = search_command(body, self._system.settings.zone)
        outcome = self._system.search(call.caller, command)
        data = answers.search_data(outcome, explain=body.explain)
        with_links(data, outcome.skills, self._system, call.base_url)
        return data

    def explain_memory(self, call: Call, body: ExplainMemoryRequest) -> dict[str, Any]:
        """Say where a memory stands in a search, or which stage left it out."""
        command = search_command(body, self._system.settings.zone)
        verdict = self._system.explain(call.caller, command, body.memory_id)
        return answers.verdict_data(verdict, body.memory_id)

    def get_memory(self, call: Call, body: GetMemoryRequest) -> GetMemoryData:
        """List the memories of a user, newest first, by kind."""
        command = list_command(body, self._system.settings.zone)
        outcome = self._system.listing.page(call.caller, command)
        data = answers.listing_data(outcome)
        with_links(data, outcome.skills, self._system, call.base_url)
        cube = call.caller.subject(body.user_id, body.agent_id)
        profiles = self._system.profiles.of(cube)
        data.profile_detail_list = [profile_detail(profile, cube) for profile in profiles]
        return data

    def memory_by_id(self, call: Call) -> MemoryById:
        """Read one memory with the messages it was taken from."""
        outcome = self._system.listing.one(call.caller, call.path["memory_id"])
        return answers.one_memory(outcome)

    def delete_memory(self, call: Call, body: DeleteMemoryRequest) -> DeleteData:
        """Erase memories by id, or everything of a user. No byte of them is left behind."""
        erase, caller = self._system.erase, call.caller
        if body.memory_ids:
            return _deleted(erase.by_ids(caller, body.memory_ids))
        subject: Cube | None = None
        if body.user_id or body.agent_id:
            subject = caller.subject(body.user_id, body.agent_id)
        where = delete_filter(body, self._system.settings.zone)
        if where is None and subject is not None:
            return _deleted(erase.of_subject(caller, subject))
        found = Receipt() if where is None else erase.by_filter(caller, where, subject)
        return _deleted(found)

    def get_message(self, call: Call, body: GetMessageRequest) -> GetMessageData:
        """Read the last messages of a conversation, oldest first."""
        messages = self._system.listing.messages(
            call.caller, body.user_id, body.conversation_id, body.message_limit_number
        )
        zone = self._system.settings.zone
        return GetMessageData(message_detail_list=answers.message_list(messages, zone))

    def get_status(self, call: Call, body: GetStatusRequest) -> StatusData:
        """State of the work behind an add: running, completed or failed."""
        status = self._system.listing.status(call.caller, body.task_id)
        parts = self._system.listing.report(call.caller, body.task_id)
        return StatusData(
            task_id=body.task_id, status=status, parts=[PartDetail(**p) for p in parts]
        )

    def ping(self, _call: Call) -> dict[str, bool]:
        """Check address and key."""
        return {"success": True}


def _deleted(receipt: Receipt) -> DeleteData:
    return DeleteData(success=True, receipt=receipt.to_json())
