"""Whether a tool's result is a failure, and of what type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from memos.mem_reader.tools.distil import loaded

_LONGEST_NAME = 60
_HTTP_ERROR = 400
_ERROR_KEYS = ("error", "errors", "err", "exception", "error_message", "errorMessage", "fault")
_FAILED_WORDS = frozenset(
    {"error", "failed", "failure", "fail", "exception", "timeout", "denied", "失败", "错误"}
)
_STATUS_KEYS = ("status", "state", "result")
_CODE_KEYS = ("status_code", "statusCode", "http_status", "status", "code", "error_code", "errno")
_NAME = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Failure|Timeout|Warning))\b")
_IDENTIFIER = re.compile(r"[A-Za-z][\w.-]{2,59}")
_BEGINS = re.compile(
    r"\s*(?:\[?(?:fatal )?(?:error|exception|failed|failure)\b(?!\s+rate)|traceback \(most recent call last\)|"
    r"(?:\w+\.)*[A-Z]\w*(?:Error|Exception)\b|command failed|permission denied|access denied|"
    r"(?:request |connection |operation )?timed out|no such (?:file|tool|command)|"
    r"http(?:/\d(?:\.\d)?)? ?[45]\d\d\b|[45]\d\d (?:bad|not|un|forbidden|internal|service|gateway|too)|"
    r"错误|出错|失败|调用失败|执行失败|请求失败|查询失败|异常|超时|无权限|未找到)",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[str, "re.Pattern[str]"], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("rate_limited", r"rate.?limit|too many requests|quota|\b429\b|限流|频率|配额"),
        ("timeout", r"time[d]?.?out|deadline|\b(?:408|504)\b|超时"),
        ("permission_denied", r"permission|denied|forbidden|unauthori[sz]ed|authentication|api key|"
         r"\b40[13]\b|无权|权限|未授权|鉴权"),
        ("not_found", r"not.?found|no such|does not exist|doesn't exist|unknown|no results?\b|\b404\b|"
         r"未找到|不存在|找不到|没有找到"),
        ("invalid_arguments", r"invalid|missing|required|malformed|bad request|not valid|expected|"
         r"unexpected|validation|\b4(?:00|22)\b|无效|缺少|参数|格式|必填"),
        ("unavailable", r"unavailable|connection|network|refused|\b50[023]\b|不可用|网络|连接"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended.

    Args:
        failed: whether it failed.
        error_type: the name the tool gave its error, else one of a few kinds; empty on success.
    """

    failed: bool
    error_type: str = ""


def outcome_of(result: str, *, flagged: bool = False) -> Outcome:
    """How a call ended, from its result.

    Args:
        result: text or JSON as the tool gave it.
        flagged: the message itself says that it is an error.
    """
    found = loaded(result.strip())
    reason = _reason(found) if isinstance(found, Mapping) else None
    if reason is None and isinstance(found, str | None):
        text = found if isinstance(found, str) else result
        reason = text[:2000] if _BEGINS.match(text) else None
    if reason is None and flagged:
        reason = result[:2000]
    if reason is None:
        return Outcome(failed=False)
    named = _named(found) if isinstance(found, Mapping) else ""
    return Outcome(failed=True, error_type=named or _kind(reason))


def _reason(found: Mapping[str, Any]) -> str | None:
    """The words of the failure; None when nothing in the object speaks of one."""
    for key in _ERROR_KEYS:
        if found.get(key) not in (None, "", False, 0, [], {}, "none", "None", "null"):
            return f"{found[key]} {found.get('message', '')}"
    if found.get("isError") is True or found.get("is_error") is True:
        return str(found.get("content") or found.get("message") or "")
    said = " ".join(str(found.get(k, "")) for k in ("message", "msg", "detail", "reason", "code"))
    if any(found.get(key) is False for key in ("success", "ok", "succeeded")):
        return said
    for key in _STATUS_KEYS:
        if str(found.get(key, "")).strip().lower() in _FAILED_WORDS:
            return f"{said} {found[key]}"
    return said if any(_is_http_error(found.get(key)) for key in _CODE_KEYS) else None


def _is_http_error(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and _HTTP_ERROR <= value < 600


def _named(found: Mapping[str, Any]) -> str:
    """The error's own name, when the tool gives one that reads like a name."""
    error = next((found[k] for k in _ERROR_KEYS if found.get(k)), None)
    places = [error] if isinstance(error, Mapping) else []
    for place in [*places, found]:
        for key in ("type", "error_type", "errorType", "name", "code", "error_code"):
            value = place.get(key)
            if isinstance(value, str) and _IDENTIFIER.fullmatch(value) and not _is_plain(value):
                return value
    if isinstance(error, str) and _IDENTIFIER.fullmatch(error) and not _is_plain(error):
        return error
    return ""


def _is_plain(name: str) -> bool:
    return name.lower() in _FAILED_WORDS | {"true", "yes", "none", "null"}


def _kind(reason: str) -> str:
    named = _NAME.search(reason)
    if named is not None:
        return named[1][:_LONGEST_NAME]
    return next((name for name, pattern in _KINDS if pattern.search(reason)), "error")
