"""MemOS: long-term memory for LLM applications and agents, in one process and one folder."""

__version__ = "0.1.0"
