"""How a setting is declared: its help, its section in the docs, the documented names it answers to."""

from typing import Any

from pydantic import Field

HTTP_ADDRESS = r"^https?://\S+$"


def setting(default: Any, description: str, section: str, *env: str, **rules: Any) -> Any:  # noqa: ANN401 - as Field
    """A field with its help, its section in the docs and the documented names it also answers to."""
    extra: dict[str, Any] = {"section": section, "aliases": list(env)}
    if callable(default):
        return Field(
            default_factory=default, description=description, json_schema_extra=extra, **rules
        )
    return Field(default=default, description=description, json_schema_extra=extra, **rules)
