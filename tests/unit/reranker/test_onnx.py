import math
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import ManualClock
from memos.errors import ConfigError, ModelReplyError, ModelUnavailableError
from memos.reranker.onnx import OnnxReranker, relevances
from memos.types.clock import SystemClock
from tests.unit.reranker.tiny_model import write_model


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def rerank(folder: Path, texts: list[str], query: str = "filler") -> list[float]:
    reranker = OnnxReranker(folder, SystemClock())
    try:
        return reranker.rerank(query, texts, timeout_s=60)
    finally:
        reranker.close()


@pytest.mark.parametrize("outputs", [1, 2])
def test_logits_become_relevance(tmp_path: Path, outputs: int) -> None:
    folder = write_model(tmp_path, outputs)
    assert rerank(folder, ["good", "bad", "filler"]) == pytest.approx(
        [logistic(1), logistic(-3), logistic(0)], abs=1e-6
    )


def test_the_query_is_part_of_the_pair(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    assert rerank(folder, ["good"], "great") == pytest.approx([logistic(3)], abs=1e-6)


def test_texts_of_many_lengths_keep_their_order_and_padding_counts_nothing(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    words = ["good", "bad", "great"]
    texts = ["filler " * (37 * n % 19) + words[n % 3] for n in range(21)]
    expected = [logistic([1, -3, 2][n % 3]) for n in range(21)]
    assert rerank(folder, texts) == pytest.approx(expected, abs=1e-6)


def test_the_tokenizers_own_padding_to_512_is_switched_off(tmp_path: Path) -> None:
    folder = write_model(tmp_path, mask=False)
    assert rerank(folder, ["good"]) == pytest.approx([logistic(1)], abs=1e-6)


def test_a_long_text_is_cut_and_the_question_kept(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    reranker = OnnxReranker(folder, SystemClock(), max_tokens=16)
    scores = reranker.rerank("great", ["filler " * 100 + "bad"], timeout_s=60)
    assert scores == pytest.approx([logistic(2)], abs=1e-6)


def test_a_model_in_the_hubs_folder_is_found(tmp_path: Path) -> None:
    write_model(tmp_path)
    (tmp_path / "onnx").mkdir()
    (tmp_path / "model.onnx").rename(tmp_path / "onnx" / "model.onnx")
    assert rerank(tmp_path, ["filler"]) == [0.5]


def test_it_stops_between_batches_when_the_time_is_up(tmp_path: Path) -> None:
    clock = ManualClock()
    reranker = OnnxReranker(write_model(tmp_path), clock)
    with pytest.raises(ModelUnavailableError, match="time"):
        reranker.rerank("q", ["good"] * 20, timeout_s=-1)
    assert len(reranker.rerank("q", ["good"] * 20, timeout_s=1)) == 20


def test_it_works_again_after_being_closed(tmp_path: Path) -> None:
    reranker = OnnxReranker(write_model(tmp_path), SystemClock())
    before = reranker.rerank("q", ["good"], timeout_s=60)
    reranker.close()
    assert reranker.rerank("q", ["good"], timeout_s=60) == before


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="MEMOS_RERANKER_PATH"):
        rerank(tmp_path, ["a"])


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_broken_file_is_named(tmp_path: Path, name: str) -> None:
    write_model(tmp_path)
    (tmp_path / name).write_bytes(b"not what it says")
    with pytest.raises(ConfigError, match=name):
        rerank(tmp_path, ["a"])


def test_a_tokenizer_of_another_vocabulary_is_a_reply_error(tmp_path: Path) -> None:
    write_model(tmp_path)
    path = tmp_path / "tokenizer.json"
    path.write_text(path.read_text("utf-8").replace('"good":4', '"good":400'), "utf-8")
    path.write_text(path.read_text("utf-8").replace('"good": 4', '"good": 400'), "utf-8")
    with pytest.raises(ModelReplyError):
        rerank(tmp_path, ["good"])


def test_a_missing_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ConfigError, match=r"MemoryOS\[onnx\]"):
        rerank(write_model(tmp_path), ["a"])


@pytest.mark.parametrize(
    "output",
    [np.zeros((2, 3)), np.zeros((1, 1)), np.array([[np.nan], [0.0]]), np.zeros((0,))],
    ids=["three", "few", "nan", "none"],
)
def test_other_outputs_are_refused(output: np.ndarray) -> None:
    with pytest.raises(ModelReplyError):
        relevances(output, 2)


def test_a_flat_output_is_one_logit_a_pair() -> None:
    assert relevances(np.array([0.0, 100.0]), 2) == pytest.approx([0.5, 1.0])
