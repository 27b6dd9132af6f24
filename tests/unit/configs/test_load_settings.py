import os
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from memos.configs.environment import client_environment
from memos.configs.names import CLIENT_NAMES, NOT_NEEDED
from memos.configs.settings import Loaded, Settings, describe, load_settings, parse_zone, shown
from memos.errors import ConfigError

DOCUMENTED = """
OPENAI_API_KEY=sk-openai
OPENAI_API_BASE=http://llm.example:3000/v1
MOS_CHAT_MODEL=qwen3-max
MEMRADER_MODEL=qwen3-reader
MEMRADER_API_KEY=sk-reader
MEMRADER_API_BASE=http://reader.example:3000/v1
MOS_EMBEDDER_MODEL=text-embedding-v4
MOS_EMBEDDER_BACKEND=universal_api
MOS_EMBEDDER_API_BASE=http://embed.example:8081/v1
MOS_EMBEDDER_API_KEY=sk-embed
EMBEDDING_DIMENSION=1024
MOS_RERANKER_BACKEND=cosine_local
NEO4J_BACKEND=neo4j-community
NEO4J_URI=bolt://localhost:7687
NEO4J_USER=neo4j
NEO4J_PASSWORD=12345678
NEO4J_DB_NAME=neo4j
MOS_NEO4J_SHARED_DB=false
DEFAULT_USE_REDIS_QUEUE=false
ENABLE_CHAT_API=true
CHAT_MODEL_LIST=[{"backend": "qwen", "api_base": "https://chat.example/v1", "api_key": "sk-chat", "model_name_or_path": "qwen3-max", "extra_body": {"enable_thinking": true} ,"support_models": ["qwen3-max"]}]
"""


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("MEMOS_", "MOS_", "MEMRADER_", "OPENAI_", "CHAT_", "EMBEDDING_")):
            monkeypatch.delenv(name)
    for name in NOT_NEEDED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def file_of(folder: Path, text: str) -> Path:
    path = folder / "memos.env"
    path.write_text(text, encoding="utf-8")
    return path


def secret(value: object) -> str:
    return value.get_secret_value()  # type: ignore[attr-defined]


def test_without_any_setting_everything_has_its_default() -> None:
    loaded = load_settings()
    assert set(loaded.sources.values()) == {"default"}
    settings = loaded.settings
    assert settings.data_dir == Path.home() / ".memos" / "data"
    assert settings.records_url == f"sqlite:///{settings.data_dir}/records.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert (settings.embedder_backend, settings.llm_model) == ("use_multilingual", None)


def test_the_documented_file_configures_reader_embedder_and_chat(tmp_path: Path) -> None:
    loaded = load_settings(env_file=file_of(tmp_path, DOCUMENTED))
    settings = loaded.settings
    assert (settings.llm_model, secret(settings.llm_api_key)) == ("qwen3-reader", "sk-reader")
    assert settings.llm_api_base == "http://reader.example:3000/v1"
    assert settings.embedder_backend == "universal_api"
    assert settings.embedder_model == "text-embedding-v4"
    assert secret(settings.embedder_api_key) == "sk-embed"
    assert settings.embedder_dimension == 1024
    chat = settings.chat_model_list[0]
    assert (chat.name, chat.backend, chat.support_models) == ("qwen3-max", "qwen", ("qwen3-max",))
    assert (secret(chat.api_key), chat.extra_body) == ("sk-chat", {"enable_thinking": True})
    assert loaded.sources["embedder_dimension"] == "file EMBEDDING_DIMENSION"
    assert "NEO4J_PASSWORD" in loaded.ignored


def test_the_other_documented_form_of_chat_models_over_several_lines(tmp_path: Path) -> None:
    text = """CHAT_MODEL_LIST='[
      { "name": "default", "backend": "openai",
        "config": { "model": "gpt-4o-mini", "api_key": "YOUR_API_KEY" } } ]'
    MEMOS_LOG_LEVEL=info
    """
    settings = load_settings(env_file=file_of(tmp_path, text)).settings
    assert settings.chat_model_list[0].name == "gpt-4o-mini"
    assert secret(settings.chat_model_list[0].api_key) == "YOUR_API_KEY"
    assert settings.log_level == "INFO"


def test_overrides_win_over_environment_over_file_over_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(tmp_path, "MEMOS_HOST=file\nMEMOS_PORT=1\nMEMOS_WORKER_THREADS=9\n")
    monkeypatch.setenv("MEMOS_HOST", "environment")
    monkeypatch.setenv("MEMOS_PORT", "2")
    loaded = load_settings({"port": 3, "data_dir": None}, path)
    settings = loaded.settings
    assert (settings.port, settings.host, settings.worker_threads) == (3, "environment", 9)
    sources = loaded.sources
    assert (sources["port"], sources["host"]) == ("override", "env MEMOS_HOST")
    assert (sources["worker_threads"], sources["data_dir"]) == (
        "file MEMOS_WORKER_THREADS",
        "default",
    )


@pytest.mark.parametrize("backend", ["anthropic", "deepseek", "ollama"])
def test_what_is_openais_is_never_lent_to_another_backend(
    monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    monkeypatch.setenv("OPENAI_API_BASE", "http://openai.example/v1")
    monkeypatch.setenv("MEMOS_LLM_MODEL", "m")
    monkeypatch.setenv("MEMOS_LLM_BACKEND", backend)
    monkeypatch.setenv("MOS_EMBEDDER_BACKEND", "ollama")
    settings = load_settings().settings
    assert (settings.llm_api_key, settings.llm_api_base) == (None, None)
    assert (settings.embedder_api_key, settings.embedder_api_base) == (None, None)


def test_our_own_name_wins_over_the_documented_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMRADER_MODEL", "documented")
    monkeypatch.setenv("MEMOS_LLM_MODEL", "own")
    assert load_settings().settings.llm_model == "own"


def test_reader_and_embedder_fall_back_to_openai_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    monkeypatch.setenv("OPENAI_API_BASE", "http://llm.example/v1")
    settings = load_settings().settings
    assert settings.llm_api_base == settings.embedder_api_base == "http://llm.example/v1"
    assert secret(settings.llm_api_key) == secret(settings.embedder_api_key) == "sk-openai"


def test_openais_key_is_not_given_to_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    monkeypatch.setenv("MEMRADER_API_BASE", "http://elsewhere.example/v1")
    settings = load_settings().settings
    assert settings.llm_api_key is None
    assert secret(settings.embedder_api_key) == "sk-openai"


def test_a_blank_value_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOS_PORT", " ")
    loaded = load_settings()
    assert (loaded.settings.port, loaded.sources["port"]) == (8000, "default")


def test_a_file_in_the_working_directory_is_not_read_by_itself() -> None:
    Path(".env").write_text("MEMOS_PORT=1234\n", encoding="utf-8")
    assert load_settings().settings.port == 8000
    assert Settings().port == 8000


def test_building_settings_looks_at_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOS_PORT", "1234")
    monkeypatch.setenv("PORT", "1235")
    assert Settings().port == 8000


def test_a_misspelt_name_stops_with_the_nearest_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"MEMOS_DATADIR.*file.*MEMOS_DATA_DIR"):
        load_settings(env_file=file_of(tmp_path, "MEMOS_DATADIR=/x\n"))
    monkeypatch.setenv("MEMOS_PROT", "1")
    with pytest.raises(ConfigError, match=r"MEMOS_PROT.*did you mean MEMOS_PORT\?"):
        load_settings()


def test_an_unknown_override_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"prt.*port"):
        load_settings({"prt": 1})


def test_names_of_clients_are_no_misspelt_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CLIENT_NAMES:
        monkeypatch.setenv(name, "anything")
    assert load_settings().settings == load_settings().settings


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("MEMOS_PORT", "70000", "65535"),
        ("MEMOS_PORT", "eight", "integer"),
        ("MEMOS_DEFAULT_RELATIVITY", "1.5", "1"),
        ("MEMOS_TIMEZONE", "Mars/Base", "time zone"),
        ("MEMOS_LOG_FORMAT", "xml", "console"),
        ("MEMOS_EMBEDDED_WORKER", "perhaps", "boolean"),
        ("MOS_EMBEDDER_BACKEND", "ollamma", "universal_api"),
        ("MOS_EMBEDDER_BACKEND", "bert", "universal_api"),
        ("CHAT_MODEL_LIST", '[{"api_key": "sk-hidden"', "JSON"),
        ("CHAT_MODEL_LIST", '[{"api_key": "sk-hidden"}]', "[0][name]: Field required"),
        ("CHAT_MODEL_LIST", '["sk-hidden"]', "[0]"),
    ],
)
def test_a_bad_value_is_named_with_its_variable_and_never_shown_with_secrets(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert caught.value.message.startswith(name)
    assert problem in caught.value.message
    assert "sk-hidden" not in caught.value.message
    assert caught.value.__cause__ is None


def test_several_bad_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOS_PORT", "x")
    monkeypatch.setenv("MEMOS_WORKER_THREADS", "0")
    with pytest.raises(ConfigError, match=r"MEMOS_PORT.*MEMOS_WORKER_THREADS"):
        load_settings()


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_settings(env_file=tmp_path / "absent.env")


def test_a_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "memos.env"
    path.write_bytes(b"MEMOS_PORT=\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(env_file=path)


def test_one_bad_value_is_not_told_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOS_PORT", "x")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "MEMOS_RECORDS_URL" not in caught.value.message


def test_openai_is_another_word_for_the_universal_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOS_EMBEDDER_BACKEND", "openai")
    assert load_settings().settings.embedder_backend == "universal_api"


def test_the_records_follow_the_data_folder_unless_named(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).records_url == f"sqlite:///{tmp_path}/records.db"
    assert Settings(records_url="sqlite://").records_url == "sqlite://"
    assert Settings(data_dir=Path("~/x")).data_dir == Path.home() / "x"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]


def loaded_with_secrets(monkeypatch: pytest.MonkeyPatch) -> Loaded:
    monkeypatch.setenv("MEMOS_BOOTSTRAP_API_KEY", "hush-1")
    monkeypatch.setenv("MEMOS_LLM_API_KEY", "hush-2")
    monkeypatch.setenv("MEMOS_RECORDS_URL", "postgresql://me:hush-3@db/memos?password=hush-4")
    monkeypatch.setenv("CHAT_MODEL_LIST", '[{"name": "m", "api_key": "hush-5"}]')
    return load_settings()


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = loaded_with_secrets(monkeypatch)
    assert "hush" not in str(describe(loaded)) + repr(loaded) + str(loaded.settings)
    rows = {row.name: row for row in describe(loaded)}
    assert rows["records_url"].value == "postgresql://me:***@db/memos?password=***"
    assert (rows["llm_api_key"].value, rows["llm_api_key"].source) == (
        "***",
        "env MEMOS_LLM_API_KEY",
    )
    assert rows["chat_model_list"].value == "m"


def test_rows_show_every_setting_with_its_name_and_other_names() -> None:
    rows = {row.name: row for row in describe(load_settings())}
    assert set(rows) == set(Settings.model_fields)
    assert rows["embedder_dimension"].aliases == ("EMBEDDING_DIMENSION",)
    assert (rows["docs_enabled"].value, rows["llm_model"].value) == ("true", "")
    assert shown(Path("/x")) == "/x"


@pytest.mark.parametrize(
    ("name", "hours"),
    [("Asia/Shanghai", 8), ("+08:00", 8), ("-03:30", -3.5), ("UTC", 0), ("Europe/Berlin", 1)],
)
def test_zones_are_names_or_offsets(name: str, hours: float) -> None:
    offset = datetime(2025, 1, 1, tzinfo=parse_zone(name)).utcoffset()
    assert offset is not None
    assert offset.total_seconds() == hours * 3600
    assert Settings(timezone=name).zone == parse_zone(name)


def test_beijing_time_is_known_without_a_zone_database(monkeypatch: pytest.MonkeyPatch) -> None:
    import zoneinfo

    monkeypatch.setattr("memos.configs.schema.ZoneInfo", zoneinfo.ZoneInfo.no_cache)
    zoneinfo.reset_tzpath(to=[])
    try:
        offset = datetime(2025, 1, 1, tzinfo=parse_zone("Asia/Shanghai")).utcoffset()
        assert offset is not None
        assert offset.total_seconds() == 8 * 3600
    finally:
        zoneinfo.reset_tzpath()


def test_the_clients_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for mark in ("CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CURSOR_AGENT", "OPENCODE"):
        monkeypatch.delenv(mark, raising=False)
    assert client_environment()[:7] == (None, None, False, None, None, None, None)
    monkeypatch.setenv("MEMOS_API_KEY", "mpg-1")
    monkeypatch.setenv("MEMOS_BASE_URL", "http://localhost:8000/api/openmem/v1/")
    monkeypatch.setenv("MEMOS_IS_GLOBAL", "True")
    monkeypatch.setenv("MEMOS_USER_ID", " ida ")
    found = client_environment()
    assert found[:3] == ("mpg-1", "http://localhost:8000/api/openmem/v1/", True)
    assert (found.user_id, found.conversation_id) == ("ida", None)
    assert "mpg-1" not in repr(found)


def test_the_agent_that_runs_a_command_is_told_by_its_marks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CLAUDECODE", "1")
    assert client_environment().framework == "claude"
    monkeypatch.setenv("MEMOS_FRAMEWORK", "mine")
    assert client_environment().framework == "mine"


@pytest.mark.parametrize(
    "name", ["MEMOS_LLM_API_BASE", "MEMOS_EMBEDDER_API_BASE", "MEMOS_RERANKER_URL"]
)
def test_an_address_that_cannot_be_called_stops_the_start(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "localhost:11434")
    with pytest.raises(ConfigError, match=rf"^{name}: must begin with http:// or https://$"):
        load_settings()


def test_so_does_that_of_a_chat_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_MODEL_LIST", '[{"name": "a", "api_base": "localhost:1"}]')
    with pytest.raises(ConfigError, match=r"must begin with http:// or https://"):
        load_settings()
