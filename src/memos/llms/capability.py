"""What is known of model servers: their address, and what they can do. Facts only, no calls.

Three questions are kept apart. How to reach a server: the address here, the key and the address in
the settings. How to speak to it: the adapters. What it can do: the capabilities here, from which
an adapter starts; what a server refuses is learnt by the adapter.
"""

from dataclasses import dataclass

JSON_SCHEMA, JSON_OBJECT, PLAIN = "json_schema", "json_object", "plain"
MAX_TOKENS, MAX_COMPLETION_TOKENS = "max_tokens", "max_completion_tokens"


@dataclass(frozen=True, slots=True)
class Capability:
    """What a server of the OpenAI protocol takes.

    Args:
        form: strongest form of structured output to ask for first.
        token_field: name of the limit of an answer.
        counts_streams: tells token counts at the end of a stream when asked to.
    """

    form: str = JSON_SCHEMA
    token_field: str = MAX_TOKENS
    counts_streams: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of server of the OpenAI protocol.

    Args:
        api_base: its address; None when there is no usual one.
        capability: what it takes.
        needs_key: refuses calls without a key.
    """

    api_base: str | None
    capability: Capability = Capability()
    needs_key: bool = False


PRESETS: dict[str, Preset] = {
    "openai": Preset(
        "https://api.openai.com/v1",
        Capability(token_field=MAX_COMPLETION_TOKENS, counts_streams=True),
    ),
    "azure": Preset(
        None, Capability(token_field=MAX_COMPLETION_TOKENS, counts_streams=True), needs_key=True
    ),
    "qwen": Preset(
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        Capability(form=JSON_OBJECT, counts_streams=True),
        needs_key=True,
    ),
    "deepseek": Preset(
        "https://api.deepseek.com/v1",
        Capability(form=JSON_OBJECT, counts_streams=True),
        needs_key=True,
    ),
    "minimax": Preset("https://api.minimax.io/v1", Capability(form=PLAIN), needs_key=True),
    "vllm": Preset(None, Capability(counts_streams=True)),
    "sglang": Preset("http://127.0.0.1:30000/v1", Capability(counts_streams=True)),
    "lmstudio": Preset("http://127.0.0.1:1234/v1", Capability(counts_streams=True)),
}
"""Kinds of servers by backend name."""

ANY_SERVER = Capability()
"""An OpenAI-compatible server of which nothing is known but its address."""
