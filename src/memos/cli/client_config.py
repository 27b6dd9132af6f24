"""The client's file `~/.memos/config.yaml`: address, key and who is meant when nothing is said.

A value is looked for on the command line, then in the environment, then in this file. Keys of the
file that MemOS does not know are kept as they are.
"""

import difflib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from memos.configs.environment import ClientEnvironment, client_environment
from memos.errors import ConfigError, InvalidInputError

KEYS = {
    "platform.api_key": "API key.",
    "platform.base_url": "Address of the API.",
    "defaults.user_id": "User of commands that name none.",
    "defaults.conversation_id": "Conversation of commands that name none.",
    "defaults.agent_id": "Agent put on what is added.",
    "defaults.app_id": "Application put on what is added.",
}
FALLBACKS = {
    "platform.base_url": "http://127.0.0.1:8000/api/openmem/v1",
    "defaults.user_id": "memos-cli",
    "defaults.conversation_id": "memos-cli-default",
}
SECRET = "platform.api_key"  # noqa: S105 - the name of a value, not one


def config_path() -> Path:
    """The file; it need not exist."""
    return Path.home() / ".memos" / "config.yaml"


def read_config() -> dict[str, Any]:
    """What the file holds; empty when there is none.

    Raises:
        ConfigError: it cannot be read, or is not a mapping.
    """
    import yaml

    path = config_path()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} cannot be read as YAML; repair or remove it") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path} must hold a mapping; repair or remove it")
    return content


def file_value(key: str, content: Mapping[str, Any] | None = None) -> str | None:
    """A value of the file by its dotted key; None when it is absent or blank."""
    section, _, name = key.partition(".")
    part = (read_config() if content is None else content).get(section)
    value = part.get(name) if isinstance(part, dict) else None
    return None if value is None else str(value).strip() or None


def write_config(changes: Mapping[str, str | None]) -> None:
    """Change values of the file by their dotted keys; None takes one out.

    The file is replaced as a whole, readable by its owner only, as it may hold a key.
    """
    import yaml

    content = read_config()
    for key, value in changes.items():
        section, _, name = key.partition(".")
        part = content.get(section)
        part = part if isinstance(part, dict) else {}
        if value is None:
            part.pop(name, None)
        else:
            part[name] = value
        content[section] = part
    content = {name: part for name, part in content.items() if part != {}}
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".config-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        yaml.safe_dump(content, file, allow_unicode=True, sort_keys=False)
    Path(temporary).replace(path)


def known_key(key: str) -> str:
    """The key itself when there is such a value.

    Raises:
        InvalidInputError: there is none; the nearest is named.
    """
    if key in KEYS:
        return key
    near = difflib.get_close_matches(key, KEYS, n=1)
    advice = f"did you mean {near[0]}?" if near else f"one of {', '.join(KEYS)}"
    raise InvalidInputError(f"there is no value {key}; {advice}")


def effective(key: str, given: str | None = None) -> tuple[str | None, str]:
    """A value and where it came from: the command line, the environment, the file or the default."""
    if given:
        return given, "command line"
    environment = client_environment()
    value = _environment_value(environment, key)
    if value:
        return value, f"env {_environment_name(key)}"
    stored = file_value(key)
    if stored:
        return stored, str(config_path())
    return FALLBACKS.get(key), "default" if key in FALLBACKS else "unset"


def _environment_name(key: str) -> str:
    return f"MEMOS_{key.partition('.')[2].upper()}"


def _environment_value(environment: ClientEnvironment, key: str) -> str | None:
    value = getattr(environment, key.partition(".")[2])
    return value if isinstance(value, str) else None


def user_or_default(given: str | None) -> str:
    """The user a command is about."""
    return effective("defaults.user_id", given)[0] or FALLBACKS["defaults.user_id"]


def conversation_or_default(given: str | None) -> str:
    """The conversation a command is about."""
    found, _ = effective("defaults.conversation_id", given)
    return found or FALLBACKS["defaults.conversation_id"]
