"""LoRA adapters as peft writes them: laid over their base to be served, or merged into a plain folder."""

import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argosy.core.errors import MissingError
from argosy.models.quiet import quietly

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

CONFIG = "adapter_config.json"
_BESIDE = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "generation_config.json",
)


def with_adapter(model: "PreTrainedModel", adapter: Path) -> "PeftModel":
    """``model`` with the adapter over it; raises MissingError when the folder holds none, or one of another base."""
    from peft import PeftModel

    if not (adapter / CONFIG).is_file():
        raise MissingError(
            "The folder holds no adapter: {file} is missing.",
            where=str(adapter),
            mend="Name the folder that the LoRA training wrote.",
            file=CONFIG,
        )
    try:
        with quietly(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)  # peft asks by the old name
            return PeftModel.from_pretrained(model, adapter, local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise MissingError(
            "The adapter does not fit the base: {reason}",
            where=str(adapter),
            mend="Name the base that the adapter was trained on.",
            reason=next(iter(str(error).strip().splitlines()), type(error).__name__),
        ) from error


def merge(base: Path, adapter: Path, out: Path) -> None:
    """Write the causal language model ``base`` with ``adapter`` added to its weights, as a plain transformers folder.

    Raises MissingError when the two don't fit.
    """
    import torch
    from transformers import AutoModelForCausalLM

    with quietly():
        model = AutoModelForCausalLM.from_pretrained(
            base, dtype=torch.float32, local_files_only=True, trust_remote_code=False
        )
        laid: Any = with_adapter(model, adapter)
        laid.merge_and_unload(safe_merge=True).save_pretrained(out)
    for name in _BESIDE:
        if (base / name).is_file():
            shutil.copyfile(base / name, out / name)
