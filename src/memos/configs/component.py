"""Configuration of a component in the documented form: `{"backend": ..., "config": {...}}`."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, SerializeAsAny, ValidationError, model_validator
from typing_extensions import Self

from memos.errors import ConfigError

_LOG = logging.getLogger(__name__)

Config = TypeVar("Config", bound="ComponentConfig")


class ComponentConfig(BaseModel):
    """Base of the configuration of one component.

    Fields that are not known are named in the log and otherwise ignored, so that configurations
    written for other versions go on working.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        protected_namespaces=(),
        populate_by_name=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _tell_unknown(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        known = set(cls.model_fields)
        for field in cls.model_fields.values():
            known |= {field.alias} if field.alias else set()
            choices = getattr(field.validation_alias, "choices", ())
            known |= {choice for choice in choices if isinstance(choice, str)}
        unknown = sorted(str(name) for name in value if name not in known)
        if unknown:
            _LOG.warning(
                "configuration has fields without effect",
                extra={"config": cls.__name__, "fields": ", ".join(unknown)},
            )
        return {name: entry for name, entry in value.items() if entry is not None}

    @classmethod
    def from_json_file(cls, path: str | Path) -> Self:
        """Read a configuration from a JSON file.

        Raises:
            ConfigError: the file cannot be read or is not of the form.
        """
        return read_json(cls, path)


class ComponentConfigFactory(BaseModel):
    """A backend's name and its configuration, checked against the class of that backend."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    kind: ClassVar[str] = "component"
    backends: ClassVar[Mapping[str, type[ComponentConfig]]] = {}
    other_names: ClassVar[Mapping[str, str]] = {}

    backend: str
    config: SerializeAsAny[ComponentConfig]

    @model_validator(mode="before")
    @classmethod
    def _choose(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        backend = cls.known(str(value.get("backend", "")))
        config = value.get("config")
        if not isinstance(config, ComponentConfig):
            config = cls.backends[backend].model_validate(config or {})
        return {"backend": backend, "config": config}

    @classmethod
    def known(cls, backend: str) -> str:
        """The name we give a backend, from any name it goes by. Raises ValueError for none."""
        name = backend.strip().lower()
        name = cls.other_names.get(name, name)
        if name not in cls.backends:
            raise ValueError(
                f"no {cls.kind} backend is called `{backend}`; use {', '.join(cls.backends)}"
            )
        return name

    @classmethod
    def from_json_file(cls, path: str | Path) -> "ComponentConfigFactory":
        """Read backend and configuration from a JSON file. Raises ConfigError as that of a config."""
        return read_json(cls, path)


Model = TypeVar("Model", bound=BaseModel)


def read_json(model: type[Model], path: str | Path) -> Model:
    """A model from a JSON file.

    Raises:
        ConfigError: the file cannot be read or is not of the form.
    """
    try:
        value: Any = json.loads(Path(path).read_text(encoding="utf-8"))
        return model.model_validate(value)
    except OSError as error:
        raise ConfigError(f"the configuration file {path} cannot be read") from error
    except ValueError as error:
        # `from None`: a cause of pydantic's may hold a key.
        reason = reason_of(error) if isinstance(error, ValidationError) else "it is not JSON"
        raise ConfigError(f"the configuration file {path} cannot be used: {reason}") from None


def checked(model: type[Model], value: Model | Mapping[str, Any]) -> Model:
    """A configuration, from itself or from a plain mapping.

    Raises:
        ConfigError: the mapping is not of the form; the message holds no value.
    """
    if isinstance(value, model):
        return value
    try:
        return model.model_validate(value)
    except ValidationError as error:
        # `from None`: the cause may hold a key.
        raise ConfigError(f"{model.__name__}: {reason_of(error)}") from None


def reason_of(error: ValidationError) -> str:
    """The first problem of a configuration, without its values."""
    first = error.errors(include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
