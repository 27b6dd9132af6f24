"""A cross-encoder of a few hundred bytes: the sum of a weight a word, written by the tests."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "good", "great", "bad", "filler"]
WEIGHTS = [50.0, 0.0, 0.0, 0.0, 1.0, 2.0, -3.0, 0.0]
"""Padding weighs much, so that counting it would show."""


def write_model(folder: Path, outputs: int = 1, mask: bool = True) -> Path:
    """Write `model.onnx` and `tokenizer.json` into a folder; the folder.

    Args:
        folder: where.
        outputs: 1 for a logit, 2 for "irrelevant" (always 0) and "relevant".
        mask: whether the model takes the attention mask; without it padding counts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = np.zeros((len(WORDS), outputs), dtype=np.float32)
    table[:, -1] = WEIGHTS
    weight = ["Gather", ["table", "input_ids"], ["weights"]]
    steps = [weight]
    if mask:
        steps += [
            ["Cast", ["attention_mask"], ["mask"]],
            ["Unsqueeze", ["mask", "last"], ["wide_mask"]],
            ["Mul", ["weights", "wide_mask"], ["kept"]],
        ]
    steps.append(["ReduceSum", ["kept" if mask else "weights", "middle"], ["logits"]])
    special = {"Cast": {"to": TensorProto.FLOAT}, "ReduceSum": {"keepdims": 0}}
    nodes = [helper.make_node(kind, i, o, **special.get(kind, {})) for kind, i, o in steps]
    size = ["batch", "sequence"]
    inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, size)]
    if mask:
        inputs.append(helper.make_tensor_value_info("attention_mask", TensorProto.INT64, size))
    out = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", outputs])
    constants = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([2]), "last"),
        numpy_helper.from_array(np.array([1]), "middle"),
    ]
    graph = helper.make_graph(nodes, "tiny", inputs, [out], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    save(model, str(folder / "model.onnx"))
    tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def tokenizer() -> Tokenizer:
    """Words by white space, pairs as a BERT sees them, padded to 512 as published ones are."""
    made = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    made.enable_padding(length=512)
    return made
