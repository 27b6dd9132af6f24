"""An encoder given by its folder: pooling, prefixes, its name, and files that are none."""

from pathlib import Path

import numpy as np
import pytest
from tests.tiny_encoder import write_encoder

from memos.embedders.encoding import Constants
from memos.embedders.onnx import OnnxEmbedder, OnnxEncoder, pooled
from memos.errors import ConfigError, ModelReplyError

KNOWN = Constants(1.0, 0.1)
TOKENS = np.array([[[1.0, 0.0], [3.0, 0.0], [99.0, 99.0]], [[0.0, 2.0], [0.0, 4.0], [0.0, 6.0]]])
MASK = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]], dtype=np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_encoder(tmp_path / "tiny", ["strawberry", "question"])


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [("mean", [[2, 0], [0, 4]]), ("cls", [[1, 0], [0, 2]]), ("last", [[3, 0], [0, 6]])],
)
def test_token_vectors_become_one_without_the_padding(
    pooling: str, expected: list[list[float]]
) -> None:
    assert np.allclose(pooled([TOKENS], MASK, pooling), expected)  # type: ignore[arg-type]


def test_a_model_that_gives_one_vector_itself_is_taken_at_its_word() -> None:
    ready = np.ones((2, 5), dtype=np.float32)
    assert np.array_equal(pooled([TOKENS, ready], MASK, "mean"), ready)


def test_a_model_without_vectors_is_told() -> None:
    with pytest.raises(ModelReplyError, match="sentence encoder"):
        pooled([np.ones((2,))], MASK, "mean")


def test_the_name_of_the_space_changes_when_the_vectors_would(folder: Path, tmp_path: Path) -> None:
    names = [
        OnnxEmbedder(OnnxEncoder(folder, pooling), given).profile.name
        for pooling, given in [
            ("mean", KNOWN),
            ("cls", KNOWN),
            ("mean", Constants(1.0, 0.1, passage_prefix="passage: ")),
        ]
    ]
    other = write_encoder(tmp_path / "other" / "tiny", ["apple"])
    names.append(OnnxEmbedder(OnnxEncoder(other), KNOWN).profile.name)
    assert len(set(names)) == 4
    assert all(name.startswith("onnx:tiny:") for name in names)
    assert names[0] == OnnxEmbedder(OnnxEncoder(folder), KNOWN).profile.name


def test_prefixes_stand_before_questions_and_statements(folder: Path) -> None:
    plain = OnnxEmbedder(OnnxEncoder(folder), KNOWN)
    prefixed = OnnxEmbedder(
        OnnxEncoder(folder), Constants(1.0, 0.1, query_prefix="question: ", passage_prefix="! ")
    )
    question, statement = prefixed.embed(["x"], query=True)[0], prefixed.embed(["x"])[0]
    assert np.allclose(question, plain.embed(["question: x"])[0])
    assert np.allclose(statement, plain.embed(["! x"])[0])


def test_a_batch_is_padded_to_its_longest_without_counting_it(folder: Path) -> None:
    encoder = OnnxEmbedder(OnnxEncoder(folder), KNOWN)
    together = encoder.embed(["strawberry", "strawberry " * 40, "a"])
    assert np.allclose(together[0], encoder.embed(["strawberry"])[0], atol=1e-6)


def test_a_dimension_that_is_not_the_models_is_told(folder: Path) -> None:
    encoder = OnnxEmbedder(OnnxEncoder(folder), Constants(1.0, 0.1, dimension=7))
    with pytest.raises(ConfigError, match="32 numbers, not 7"):
        encoder.embed(["x"])


def test_files_and_devices_that_are_not_there_are_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="MEMOS_EMBEDDER_MODEL"):
        OnnxEmbedder(OnnxEncoder(tmp_path), KNOWN).embed(["x"])
    with pytest.raises(ConfigError, match="onnxruntime-gpu"):
        OnnxEmbedder(OnnxEncoder(folder, device="cuda:0"), KNOWN).embed(["x"])
    (folder / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ConfigError, match="ONNX form"):
        OnnxEmbedder(OnnxEncoder(folder), KNOWN).embed(["x"])


def test_constants_are_measured_when_they_are_not_given(folder: Path) -> None:
    profile = OnnxEmbedder(OnnxEncoder(folder)).profile
    assert 0.3 <= profile.dense_weight <= 10
    assert -1 < profile.mean_cosine < 1
    assert profile.dim == 32
