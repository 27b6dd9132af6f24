"""A sentence encoder of a few kilobytes in ONNX form, written by the tests.

A token's vector is a fixed random one, so texts that share words are near one another.
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from tokenizers import Tokenizer, models, pre_tokenizers, processors

_DIM = 32
_SPECIAL = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
_LETTERS = [chr(c) for c in range(33, 127)]


def write_encoder(folder: Path, words: list[str] | None = None) -> Path:
    """Write `model.onnx` and `tokenizer.json` into a folder; the folder.

    Args:
        folder: where.
        words: known to the tokenizer besides single ASCII characters.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = list(dict.fromkeys([*_SPECIAL, *_LETTERS, *(words or [])]))
    table = np.random.default_rng(7).normal(size=(len(vocabulary), _DIM)).astype(np.float32)
    table[0] = 99.0  # padding weighs much, so that counting it would show
    table[1:4] *= 0.1
    node = helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])
    size = ["batch", "sequence"]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, size)
        for name in ("input_ids", "attention_mask")
    ]
    out = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*size, _DIM])
    graph = helper.make_graph(
        [node], "tiny", inputs, [out], [numpy_helper.from_array(table, "table")]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    save(model, str(folder / "model.onnx"))
    _tokenizer(vocabulary).save(str(folder / "tokenizer.json"))
    return folder


def _tokenizer(vocabulary: list[str]) -> Tokenizer:
    numbers = {word: number for number, word in enumerate(vocabulary)}
    made = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]", continuing_subword_prefix=""))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    made.enable_padding(length=512)
    return made
