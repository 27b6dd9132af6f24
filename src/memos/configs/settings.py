"""Gathers settings from overrides, the environment and a file, and says where each came from.

The only reader of the environment besides `configs/environment.py`. A `.env` file in the working
directory is not read unless it is named.
"""

import difflib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from memos.configs.names import CLIENT_NAMES, NOT_NEEDED
from memos.configs.schema import PREFIX, ChatModel, Settings, parse_zone
from memos.errors import ConfigError

__all__ = [
    "ChatModel",
    "Loaded",
    "SettingRow",
    "Settings",
    "describe",
    "describe_fields",
    "env_name",
    "load_settings",
    "parse_zone",
    "shown",
]

_MASK = "***"
_REASONS = {"string_pattern_mismatch": "must begin with http:// or https://"}
"""Patterns are of addresses only."""
_PASSWORD = re.compile(r"(?<=://)([^/@\s]*?):[^/\s]*@")
_PASSWORD_OPTION = re.compile(r"(?i)(password=)[^&\s]+")
_KEY_AND_BASE = {"embedder_api_key": "embedder_api_base", "llm_api_key": "llm_api_base"}
_BORROWERS = {
    "embedder": frozenset({"use_multilingual", "default", "universal_api", "openai"}),
    "llm": frozenset({"openai", "openai_new", "openai_compatible", "universal_api"}),
}
"""Whose keys and addresses may come from the `OPENAI_` names, and with which backends."""
_DEFAULT_TEXTS = {"data_dir": "~/.memos/data", "records_url": "sqlite:///DATA_DIR/records.db"}
_DERIVED = "default_factory_not_called"
"""pydantic's word for a default that waits for another, refused value; not worth telling."""
_JSON_FIELDS = frozenset({"budgets", "chat_model_list", "embedder_options", "llm_options"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and their origin.

    Args:
        settings: the values.
        sources: per field `default`, `override`, `env NAME` or `file NAME`.
        ignored: documented names that are set and change nothing here.
    """

    settings: Settings
    sources: Mapping[str, str]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as shown to people.

    Args:
        name: field name.
        env: its environment name.
        value: text of the value, secrets masked; empty when unset.
        source: where it came from.
        help: one sentence.
        aliases: documented names that also work.
        section: heading it belongs to.
    """

    name: str
    env: str
    value: str
    source: str
    help: str
    aliases: tuple[str, ...] = field(default=())
    section: str = ""


def load_settings(
    overrides: Mapping[str, object] | None = None, env_file: Path | None = None
) -> Loaded:
    """Read the settings: overrides win over the environment, which wins over the file.

    Within one place the `MEMOS_` name wins over the documented ones. Blank values count as unset.

    Args:
        overrides: values by field name (command-line flags); None values count as unset.
        env_file: file of `NAME=value` lines to read besides the environment.

    Raises:
        ConfigError: a value cannot be used, a `MEMOS_` name or an override is unknown, or the
            file cannot be read. The message names the variable, never a secret.
    """
    environment = dict(os.environ)
    file_values = _read_file(env_file)
    _refuse_unknown(environment, "environment")
    _refuse_unknown(file_values, "file")
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    for name in given:
        if name not in Settings.model_fields:
            raise ConfigError(
                f"no setting is called `{name}`{_nearest(name, Settings.model_fields)}"
            )
    values, sources = _gather(given, environment, file_values)
    ignored = sorted(n for n in NOT_NEEDED if environment.get(n) or file_values.get(n))
    return Loaded(_build(values, sources), sources, tuple(ignored))


def describe(loaded: Loaded) -> list[SettingRow]:
    """Every setting in the order of its definition, secrets masked."""
    return [
        _row(name, shown(getattr(loaded.settings, name)), loaded.sources[name])
        for name in Settings.model_fields
    ]


def describe_fields() -> list[SettingRow]:
    """Every setting with its default, the same on every machine; for the documentation."""
    rows = []
    for name, info in Settings.model_fields.items():
        default = _DEFAULT_TEXTS.get(name) or shown(info.get_default())
        rows.append(_row(name, default, "default"))
    return rows


def env_name(field_name: str) -> str:
    """Environment name of a field."""
    return PREFIX + field_name.upper()


def shown(value: object) -> str:
    """Text of a value with secrets masked, also passwords inside addresses."""
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, SecretStr):
        return _MASK
    if isinstance(value, dict):
        # Names only, unless these are numbers: a header among them may be a key.
        return ", ".join(f"{k}={v}" if isinstance(v, int) else str(k) for k, v in value.items())
    if isinstance(value, tuple):
        return ", ".join(str(getattr(entry, "name", entry)) for entry in value)
    if isinstance(value, bool):
        return str(value).lower()
    text = _PASSWORD.sub(rf"\1:{_MASK}@", str(value))
    return _PASSWORD_OPTION.sub(rf"\1{_MASK}", text)


def _row(name: str, value: str, source: str) -> SettingRow:
    return SettingRow(
        name=name,
        env=env_name(name),
        value=value,
        source=source,
        help=Settings.model_fields[name].description or "",
        aliases=_aliases(name),
        section=str(_extra(name)["section"]),
    )


def _extra(name: str) -> dict[str, Any]:
    extra = Settings.model_fields[name].json_schema_extra
    return dict(extra) if isinstance(extra, dict) else {}


def _aliases(name: str) -> tuple[str, ...]:
    return tuple(_extra(name)["aliases"])


def _read_file(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        text_values = (
            dotenv_values(path, interpolate=False, encoding="utf-8") if path.is_file() else None
        )
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the settings file {path} cannot be read") from error
    if text_values is None:
        raise ConfigError(f"the settings file {path} does not exist")
    return {name: value for name, value in text_values.items() if value is not None}


def _refuse_unknown(found: Mapping[str, str], place: str) -> None:
    known = {env_name(name) for name in Settings.model_fields}
    unknown = sorted(n for n in found if n.startswith(PREFIX) and n not in known | CLIENT_NAMES)
    if unknown:
        first = unknown[0]
        others = f" (and {len(unknown) - 1} more: {', '.join(unknown[1:])})" if unknown[1:] else ""
        raise ConfigError(f"unknown setting {first} in the {place}{_nearest(first, known)}{others}")


def _nearest(name: str, known: Mapping[str, object] | set[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else "; `memos config show` lists the known ones"


def _gather(
    overrides: Mapping[str, object], environment: Mapping[str, str], file_values: Mapping[str, str]
) -> tuple[dict[str, object], dict[str, str]]:
    values: dict[str, object] = {}
    sources: dict[str, str] = {}
    for name in Settings.model_fields:
        sources[name] = "default"
        if name in overrides:
            values[name], sources[name] = overrides[name], "override"
            continue
        for place, found in (("env", environment), ("file", file_values)):
            hit = next(
                (n for n in (env_name(name), *_aliases(name)) if found.get(n, "").strip()), None
            )
            if hit:
                values[name], sources[name] = found[hit].strip(), f"{place} {hit}"
                break
    _keep_keys_with_their_server(values, sources)
    return values, sources


def _keep_keys_with_their_server(values: dict[str, object], sources: dict[str, str]) -> None:
    """A key borrowed from `OPENAI_API_KEY` is sent only where `OPENAI_API_BASE` or the default leads.

    And only to OpenAI-compatible servers: other backends have usual addresses of other owners.
    """
    for prefix, compatible in _BORROWERS.items():
        backend = str(values.get(f"{prefix}_backend", "")).strip().lower()
        for name in (f"{prefix}_api_key", f"{prefix}_api_base"):
            if backend and backend not in compatible and " OPENAI_API_" in sources[name]:
                del values[name]
                sources[name] = "default"
    for key, base in _KEY_AND_BASE.items():
        borrowed = sources[key].endswith(" OPENAI_API_KEY")
        if borrowed and base in values and not sources[base].endswith(" OPENAI_API_BASE"):
            del values[key]
            sources[key] = "default"


def _build(values: dict[str, object], sources: Mapping[str, str]) -> Settings:
    for name in _JSON_FIELDS & values.keys():
        raw = values[name]
        if isinstance(raw, str):
            try:
                values[name] = json.loads(raw)
            except json.JSONDecodeError as error:
                where = f"line {error.lineno}, column {error.colno}"
                raise ConfigError(f"{_label(name, sources)}: is not valid JSON ({where})") from None
    try:
        return Settings(**values)  # type: ignore[arg-type]  # validated by the model itself
    except ValidationError as error:
        # `from None`: the cause holds the values, which may be secrets.
        found = error.errors(include_input=False, include_context=False)
        problems = [
            _problem(e["loc"], _REASONS.get(e["type"], e["msg"]), sources)
            for e in found
            if e["type"] != _DERIVED
        ]
        raise ConfigError("; ".join(problems)) from None


def _problem(place: tuple[int | str, ...], message: str, sources: Mapping[str, str]) -> str:
    inside = "".join(f"[{part}]" for part in place[1:])
    return f"{_label(str(place[0]), sources)}{inside}: {message.removeprefix('Value error, ')}"


def _label(name: str, sources: Mapping[str, str]) -> str:
    source = sources.get(name, "default")
    return source.split(" ", 1)[1] if " " in source else env_name(name)
