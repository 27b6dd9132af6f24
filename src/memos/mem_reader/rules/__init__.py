"""Reading by rules, for English and Chinese, without a model."""

from memos.mem_reader.rules.reader import RuleReader

__all__ = ["RuleReader"]
