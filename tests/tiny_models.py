"""Tiny random models of the heavy libraries, written by the tests that have those libraries."""

import json
from pathlib import Path

from tests.tiny_encoder import write_encoder

_LETTERS = [chr(c) for c in range(33, 127)]
_WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_LETTERS, *(f"##{c}" for c in _LETTERS)]
CHAT_TEMPLATE = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def write_sentence_transformer(folder: Path) -> Path:
    """A random BERT with mean pooling; needs sentence-transformers."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(7)
    base = folder / "base"
    base.mkdir(parents=True)
    numbers = {word: number for number, word in enumerate(_WORDS)}
    inner = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]",
    )  # fmt: skip
    config = BertConfig(
        vocab_size=len(_WORDS), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=128, initializer_range=1.0,
    )  # fmt: skip
    BertModel(config).save_pretrained(base)
    tokenizer.save_pretrained(base)
    words = Transformer(str(base), max_seq_length=128)
    model = SentenceTransformer(modules=[words, Pooling(32, pooling_mode="mean")], device="cpu")
    model.save(str(folder / "whole"))
    return folder / "whole"


def write_fastembed(folder: Path) -> dict[str, str]:
    """The tiny encoder with the files fastembed wants beside it; needs fastembed."""
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType

    name = "memos-tests/tiny"
    write_encoder(folder)
    (folder / "config.json").write_text(json.dumps({"pad_token_id": 0}))
    limits = {"model_max_length": 128, "pad_token": "[PAD]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(limits))
    (folder / "special_tokens_map.json").write_text(json.dumps({"pad_token": "[PAD]"}))
    if not any(known["model"] == name for known in TextEmbedding.list_supported_models()):
        TextEmbedding.add_custom_model(
            model=name, pooling=PoolingType.MEAN, normalization=True,
            sources=ModelSource(hf=name), dim=32, model_file="model.onnx",
        )  # fmt: skip
    return {"model_name_or_path": name, "path": str(folder), "device": "cpu"}


def write_language_model(folder: Path, *, template: bool = True) -> Path:
    """A random LLaMA of two layers that writes noise; needs transformers."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(7)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    numbers = {token: number for number, token in enumerate(["<s>", "</s>", *alphabet])}
    inner = Tokenizer(models.BPE(numbers, [], unk_token=None))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    tokenizer.chat_template = CHAT_TEMPLATE if template else None
    config = LlamaConfig(
        vocab_size=len(numbers), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=256, bos_token_id=0, eos_token_id=1,
        pad_token_id=1,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
