"""Wire models of the Cloud API (`/api/openmem/v1`): requests, answers, and how they are read.

Pure pydantic: no web framework, no I/O. The server and the SDK share them. A new module is named
below `TYPE_CHECKING`, in `__all__` and in `_MODULES`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memos.api.openmem_models.chat import ChatRequest
    from memos.api.openmem_models.extract import (
        ExtractMemoryRequest,
        GetSuggestionsRequest,
        RerankRequest,
    )
    from memos.api.openmem_models.feedback_request import AddFeedbackRequest
    from memos.api.openmem_models.fields import ALL_KNOWLEDGEBASES
    from memos.api.openmem_models.knowledge_request import (
        AddKnowledgebaseFileRequest,
        CreateKnowledgebaseRequest,
        DeleteKnowledgebaseFileRequest,
        DeleteKnowledgebaseRequest,
        GetKnowledgebaseFileRequest,
        UploadedFile,
    )
    from memos.api.openmem_models.knowledge_response import (
        AddFilesResponse,
        ChatData,
        ChatResponse,
        FileDetail,
        FileListData,
        FileListResponse,
        KnowledgebaseData,
        KnowledgebaseResponse,
    )
    from memos.api.openmem_models.parse import parse_request
    from memos.api.openmem_models.profile import (
        BindProfileTemplateRequest,
        DeleteProfileRequest,
        EditProfileRequest,
        ProfileListData,
    )
    from memos.api.openmem_models.request import (
        AddMessageRequest,
        ChatMessage,
        DeleteMemoryRequest,
        ExplainMemoryRequest,
        GetMemoryRequest,
        GetMessageRequest,
        GetStatusRequest,
        SearchMemoryRequest,
        ToolCall,
    )
    from memos.api.openmem_models.response import (
        AddData,
        AddResponse,
        DeleteData,
        DeleteResponse,
        Envelope,
        FeedbackData,
        FoundData,
        GetMemoryData,
        GetMemoryResponse,
        GetMessageData,
        GetMessageResponse,
        MemoryById,
        MemoryByIdResponse,
        MemoryDetail,
        MemoryMetadata,
        MessageDetail,
        PartDetail,
        PreferenceDetail,
        ProfileDetail,
        SearchData,
        SearchResponse,
        SkillDetail,
        SourceDetail,
        StatusData,
        StatusResponse,
        ToolMemoryDetail,
        empty_data,
    )
    from memos.api.openmem_models.truth_request import (
        MemoryHistoryRequest,
        RestoreMemoryRequest,
        UpdateMemoryRequest,
    )
    from memos.api.openmem_models.truth_response import (
        ChangedMemoryData,
        ChangedMemoryResponse,
        MemoryHistoryData,
        MemoryHistoryResponse,
        MemoryTransition,
        MemoryVersion,
    )

__all__ = [
    "ALL_KNOWLEDGEBASES",
    "AddData",
    "AddFeedbackRequest",
    "AddFilesResponse",
    "AddKnowledgebaseFileRequest",
    "AddMessageRequest",
    "AddResponse",
    "BindProfileTemplateRequest",
    "ChangedMemoryData",
    "ChangedMemoryResponse",
    "ChatData",
    "ChatMessage",
    "ChatRequest",
    "ChatResponse",
    "CreateKnowledgebaseRequest",
    "DeleteData",
    "DeleteKnowledgebaseFileRequest",
    "DeleteKnowledgebaseRequest",
    "DeleteMemoryRequest",
    "DeleteProfileRequest",
    "DeleteResponse",
    "EditProfileRequest",
    "Envelope",
    "ExplainMemoryRequest",
    "ExtractMemoryRequest",
    "FeedbackData",
    "FileDetail",
    "FileListData",
    "FileListResponse",
    "FoundData",
    "GetKnowledgebaseFileRequest",
    "GetMemoryData",
    "GetMemoryRequest",
    "GetMemoryResponse",
    "GetMessageData",
    "GetMessageRequest",
    "GetMessageResponse",
    "GetStatusRequest",
    "GetSuggestionsRequest",
    "KnowledgebaseData",
    "KnowledgebaseResponse",
    "MemoryById",
    "MemoryByIdResponse",
    "MemoryDetail",
    "MemoryHistoryData",
    "MemoryHistoryRequest",
    "MemoryHistoryResponse",
    "MemoryMetadata",
    "MemoryTransition",
    "MemoryVersion",
    "MessageDetail",
    "PartDetail",
    "PreferenceDetail",
    "ProfileDetail",
    "ProfileListData",
    "RerankRequest",
    "RestoreMemoryRequest",
    "SearchData",
    "SearchMemoryRequest",
    "SearchResponse",
    "SkillDetail",
    "SourceDetail",
    "StatusData",
    "StatusResponse",
    "ToolCall",
    "ToolMemoryDetail",
    "UpdateMemoryRequest",
    "UploadedFile",
    "empty_data",
    "parse_request",
]

# Answers come first: the SDK reads only those, and must not wait for the requests to be loaded.
_MODULES = (
    "response",
    "knowledge_response",
    "truth_response",
    "parse",
    "fields",
    "request",
    "feedback_request",
    "chat",
    "extract",
    "knowledge_request",
    "profile",
    "truth_request",
)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the models
    """Load the module that holds a model when the model is first asked for."""
    if name in __all__:
        for module in _MODULES:
            found = getattr(import_module(f"{__name__}.{module}"), name, None)
            if found is not None:
                globals()[name] = found
                return found
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
