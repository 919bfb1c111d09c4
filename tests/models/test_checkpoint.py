"""A base becomes a classifier with the project's labels and is saved as transformers loads it."""

import json
from pathlib import Path

import pytest

from argosy.core.errors import MissingError
from argosy.models.checkpoint import load_classifier, save

pytestmark = pytest.mark.torch

LABELS = ["差评", "好评", "neutral"]


def test_the_head_has_the_labels(tiny_base: Path) -> None:
    """One output a label, in the order given, named in the configuration; ready to train."""
    model = load_classifier(tiny_base, LABELS)
    assert model.config.id2label == dict(enumerate(LABELS))
    assert model.config.label2id == {"差评": 0, "好评": 1, "neutral": 2}
    assert model.config.num_labels == 3
    assert model.training


def test_what_the_base_lacks_is_seeded(tiny_base: Path) -> None:
    """The same seed draws the same head, another seed another one, and the process's own random state stays."""
    import torch

    state = torch.random.get_rng_state()
    one, same, other = (load_classifier(tiny_base, LABELS, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.classifier.weight, same.classifier.weight)
    assert torch.equal(one.bert.pooler.dense.weight, same.bert.pooler.dense.weight)
    assert not torch.equal(one.classifier.weight, other.classifier.weight)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_saved_classifier_loads_with_transformers(tiny_base: Path, tmp_path: Path) -> None:
    """The folder gives the same logits and labels through the automatic classes, tokenizer included."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = load_classifier(tiny_base, LABELS).eval()
    save(model, tiny_base, tmp_path / "saved")
    loaded = AutoModelForSequenceClassification.from_pretrained(tmp_path / "saved").eval()
    inputs = AutoTokenizer.from_pretrained(tmp_path / "saved")("ab 好", return_tensors="pt")
    with torch.inference_mode():
        torch.testing.assert_close(loaded(**inputs).logits, model(**inputs).logits, rtol=0, atol=1e-7)
    assert loaded.config.id2label == dict(enumerate(LABELS))
    assert (tmp_path / "saved" / "model.safetensors").is_file()


def test_a_classifier_with_other_labels_gets_a_new_head(tiny_base: Path, tmp_path: Path) -> None:
    """A base that was a classifier keeps its encoder and loses its head."""
    import torch

    first = load_classifier(tiny_base, LABELS)
    save(first, tiny_base, tmp_path / "saved")
    second = load_classifier(tmp_path / "saved", ["no", "yes"])
    assert second.classifier.weight.shape[0] == 2
    assert torch.equal(second.bert.embeddings.word_embeddings.weight, first.bert.embeddings.word_embeddings.weight)


def test_a_label_that_is_known_keeps_its_weights(tiny_base: Path, tmp_path: Path) -> None:
    """A model that learns on answers known labels as before, in whatever order they come and whatever joins them."""
    import torch

    first = load_classifier(tiny_base, LABELS, seed=3)
    save(first, tiny_base, tmp_path / "first")
    later = load_classifier(tmp_path / "first", ["neutral", "new", "好评", "差评", "other"], seed=9)
    places = {0: 2, 2: 1, 3: 0}
    for now, then in places.items():
        assert torch.equal(later.classifier.weight[now], first.classifier.weight[then])
        assert torch.equal(later.classifier.bias[now], first.classifier.bias[then])
    assert not any(torch.equal(later.classifier.weight[1], row) for row in first.classifier.weight)


def test_loading_says_nothing(tiny_base: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """No bar and no report of transformers reaches the terminal, and its settings come back."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    load_classifier(tiny_base, LABELS)
    assert capfd.readouterr() == ("", "")
    assert logging.get_verbosity() == before


def test_a_folder_of_something_else_is_told(tiny_base: Path) -> None:
    """A configuration that no classifier is made for is an error of ours."""
    config = json.loads((tiny_base / "config.json").read_text(encoding="utf-8"))
    (tiny_base / "config.json").write_text(json.dumps(config | {"model_type": "vit"}), encoding="utf-8")
    with pytest.raises(MissingError, match="cannot be loaded as a classifier"):
        load_classifier(tiny_base, LABELS)
