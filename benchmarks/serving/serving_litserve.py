"""LitServe tuned, as a program: ``python serving_litserve.py torch|argosy MODEL PORT``.

Batches of up to 32, sorted by length, in one worker that has all cores. ``torch``: in fp32, padded to the longest of
each part of eight. ``argosy``: around Argosy's own engine, to tell the server from the engine.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import litserve

BATCH = 32
PART = 8  # rows that are padded together
MAX_LENGTH = 128
Answer = Callable[[list[str]], list[dict[str, float]]]


class Api(litserve.LitAPI):
    """One text a request."""

    def __init__(self, kind: str, model: str) -> None:
        super().__init__(max_batch_size=BATCH, batch_timeout=0.005)
        self.kind, self.model = kind, model

    def setup(self, device: str) -> None:  # noqa: ARG002 - LitServe's own signature
        """In the worker."""
        self.answer = torch_fp32(self.model) if self.kind == "torch" else own_engine(self.model)

    def decode_request(self, request: dict[str, Any]) -> str:
        """The text."""
        return str(request["input"])

    def batch(self, inputs: list[str]) -> list[str]:
        """As they are."""
        return inputs

    def predict(self, texts: list[str]) -> list[dict[str, float]]:
        """Probabilities by label."""
        return self.answer(texts)

    def unbatch(self, output: list[dict[str, float]]) -> list[dict[str, float]]:
        """As they are."""
        return output

    def encode_response(self, output: dict[str, float]) -> dict[str, Any]:
        """The likeliest label beside them."""
        return {"label": max(output, key=output.__getitem__), "probabilities": output}


def torch_fp32(model: str) -> Answer:
    """Probabilities by label in torch fp32, rows of similar length together."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForSequenceClassification.from_pretrained(model, dtype=torch.float32).eval()
    labels = network.config.id2label

    @torch.inference_mode()
    def answer(texts: list[str]) -> list[dict[str, float]]:
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found: list[dict[str, float]] = [{}] * len(texts)
        for start in range(0, len(order), PART):
            part = order[start : start + PART]
            rows = tokenizer(
                [texts[place] for place in part],
                padding=True,
                truncation=True,
                max_length=MAX_LENGTH,
                return_tensors="pt",
            )
            for place, shares in zip(part, network(**rows).logits.softmax(-1).tolist(), strict=True):
                found[place] = {labels[column]: share for column, share in enumerate(shares)}
        return found

    return answer


def own_engine(model: str) -> Answer:
    """Probabilities by label from the engine that Argosy serves."""
    from argosy.infer.load import load

    classifier = load(Path(model))
    return lambda texts: [dict(prediction.probabilities) for prediction in classifier.classify(texts)]


if __name__ == "__main__":
    kind, folder, port = sys.argv[1:]
    server = litserve.LitServer(Api(kind, folder), accelerator="cpu", workers_per_device=1, timeout=60)
    server.run(host="127.0.0.1", port=int(port), num_api_servers=1, log_level="warning", generate_client_file=False)
