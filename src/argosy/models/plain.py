"""Makes a plain copy of a model whose weights are pickled or whose tokenizer has no ``tokenizer.json`` yet.

Many older Chinese encoders are published so. The pickle is read with torch's ``weights_only`` loader, which builds
tensors and nothing else, and code that comes with a model is never run.
"""

from pathlib import Path

from argosy.core.errors import MissingError
from argosy.models.quiet import quietly


def convert(folder: Path, out: Path) -> None:
    """Write the encoder of ``folder`` to ``out`` as safetensors, with a ``tokenizer.json``.

    Raises MissingError when transformers cannot load it.
    """
    from transformers import AutoModel, AutoTokenizer

    with quietly():
        try:
            model, loading = AutoModel.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, output_loading_info=True
            )
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        except Exception as error:  # the loaders raise whatever their formats' readers raise
            raise MissingError(
                "The model cannot be loaded: {reason}",
                where=str(folder),
                mend="Choose a base model with safetensors weights and a tokenizer.json.",
                reason=next(iter(str(error).strip().splitlines()), type(error).__name__),
            ) from error
        drawn = set(
            loading["missing_keys"]
        )  # at random, such as a pooler: no part of the model, so no part of its copy
        weights = {name: values for name, values in model.state_dict().items() if name not in drawn}
        model.save_pretrained(out, state_dict=weights)
        tokenizer.save_pretrained(out)
