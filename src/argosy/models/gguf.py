"""Turns a GGUF file into a folder that transformers loads, so that a quantised model can be trained with LoRA.

The blocks become fp32 numbers: nothing is lost against the file, and nothing of what quantisation lost comes back.
"""

import io
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from argosy.core.errors import MissingError
from argosy.models.quiet import quietly

SUFFIX = ".gguf"


def convert(file: Path, out: Path) -> None:
    """Write the causal language model of ``file`` to ``out`` as safetensors, with its tokenizer and chat template.

    Raises MissingError when transformers does not know the file's architecture or tokenizer.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    with quietly(), redirect_stderr(io.StringIO()):  # the reader's own bar ignores the switch
        try:
            model = AutoModelForCausalLM.from_pretrained(
                file.parent,
                gguf_file=file.name,
                dtype=torch.float32,
                quantization_config=GgufConfig(dequantize=True),
                local_files_only=True,
            )
            tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name, local_files_only=True)
        except Exception as error:  # the loaders raise whatever their formats' readers raise
            raise MissingError(
                "The GGUF file cannot be turned into a model to train: {reason}",
                where=str(file),
                mend="Choose an architecture that transformers reads from GGUF (Llama, Qwen, Gemma, Phi, …).",
                reason=next(iter(str(error).strip().splitlines()), type(error).__name__),
            ) from error
        _plain(model).save_pretrained(out)
        tokenizer.save_pretrained(out)
    for weights in out.glob("*.safetensors"):
        weights.chmod(0o644)


def _plain(model: Any) -> Any:
    """The model without the mark of where its numbers came from, which would forbid to save it."""
    quantizer = getattr(model, "hf_quantizer", None)
    if quantizer is not None:
        quantizer.remove_quantization_config(model)
    return model
