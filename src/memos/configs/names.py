"""Environment names MemOS knows without having a setting for them. Pure data."""

CLIENT_NAMES = frozenset(
    {
        "MEMOS_AGENT_ID",
        "MEMOS_AGENT_OVERRIDES",
        "MEMOS_ALLOW_KNOWLEDGEBASE_IDS",
        "MEMOS_API_BASE_URL",
        "MEMOS_API_KEY",
        "MEMOS_API_KEY_SCHEME",
        "MEMOS_APP_ID",
        "MEMOS_ARMS_ENDPOINT",
        "MEMOS_BASE_PATH",
        "MEMOS_BASE_URL",
        "MEMOS_CHANNEL",
        "MEMOS_CONVERSATION_ID",
        "MEMOS_FRAMEWORK",
        "MEMOS_IS_GLOBAL",
        "MEMOS_KNOWLEDGEBASE_IDS",
        "MEMOS_MULTI_AGENT_MODE",
        "MEMOS_RECALL_FILTER_API_KEY",
        "MEMOS_RECALL_FILTER_BASE_URL",
        "MEMOS_RECALL_FILTER_ENABLED",
        "MEMOS_RECALL_FILTER_MODEL",
        "MEMOS_RUN_ID",
        "MEMOS_USER_ID",
    }
)
"""Read by clients (SDK, command line, agents' plugins), so never a misspelt setting."""

NOT_NEEDED = {
    "DEFAULT_USE_REDIS_QUEUE": "tasks are rows of the records store",
    "ENABLE_CHAT_API": "chat is there whenever a model is configured",
    "HF_ENDPOINT": "no model is downloaded",
    "MOS_ENABLE_SCHEDULER": "background work always runs",
    "MOS_NEO4J_SHARED_DB": "the graph lives in the data folder",
    "MOS_SCHEDULER_USE_REDIS_QUEUE": "tasks are rows of the records store",
    "NEO4J_BACKEND": "the graph lives in the data folder",
    "NEO4J_DB_NAME": "the graph lives in the data folder",
    "NEO4J_PASSWORD": "the graph lives in the data folder",
    "NEO4J_URI": "the graph lives in the data folder",
    "NEO4J_USER": "the graph lives in the data folder",
}
"""Documented names that are accepted and change nothing here, with the reason."""
