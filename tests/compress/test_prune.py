"""Fewer layers and narrower ones: what is kept, what transformers loads, and what distillation wins back."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from argosy.core.errors import ProjectError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

LABELS = ("bad", "good")
ROWS = [
    ("good film", "good"),
    ("电影很好", "good"),
    ("菜不坏", "good"),
    ("the food was not poor", "good"),
    ("bad film", "bad"),
    ("电影很坏", "bad"),
    ("菜不好", "bad"),
    ("the food was not good", "bad"),
]


def said(texts: Sequence[str]) -> Any:
    """A teacher who is sure, and right about the rows; on others he counts good words."""
    known = dict(ROWS)
    right = [known.get(text, "good" if "good" in text or "好" in text else "bad") == "good" for text in texts]
    return np.array([[-2.0, 2.0] if good else [2.0, -2.0] for good in right], dtype=np.float32)


def material(**changes: Any) -> Any:
    """The eight rows, for training and for choosing."""
    from argosy.compress.material import Material

    given: dict[str, Any] = {"labels": LABELS, "teach": said, "train": ROWS, "validation": ROWS, "max_length": 16}
    return Material(**(given | changes))


def silent(share: float, note: str) -> None:
    """Nobody listens."""
    del share, note


def model_of(folder: Path, kind: str = "bert", **changes: Any) -> Path:
    """A classifier of 4 layers, 4 heads and 64 units; its layers have different norms."""
    from tiny_bases import WORDS, write_encoder
    from transformers import AutoConfig, AutoModelForSequenceClassification

    write_encoder(folder, layers=1)
    sizes = {"dim": 32, "n_layers": 4, "n_heads": 4, "hidden_dim": 64} if kind == "distilbert" else {
        "hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 64
    }  # fmt: skip
    names = dict(enumerate(LABELS))
    config = AutoConfig.for_model(
        kind, vocab_size=len(WORDS), max_position_embeddings=64, pad_token_id=0, initializer_range=0.2,
        id2label=names, label2id={label: number for number, label in names.items()}, **(sizes | changes)
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        made = AutoModelForSequenceClassification.from_config(config)
    made.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The BERT that most tests cut."""
    return model_of(tmp_path_factory.mktemp("model"))


def loaded(folder: Path) -> Any:
    """As transformers loads it, nothing missing."""
    from transformers import AutoModelForSequenceClassification

    found, loading = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
    assert not loading["missing_keys"]
    assert not loading["unexpected_keys"]
    assert not loading["mismatched_keys"]
    return found.eval()


def logits(found: Any) -> Any:
    """Of a padded batch of two."""
    ids = torch.tensor([[2, 7, 8, 9, 10, 3], [2, 30, 31, 3, 0, 0]])
    with torch.inference_mode():
        return found(input_ids=ids, attention_mask=(ids > 0).long()).logits


@pytest.mark.parametrize("kind", ["bert", "roberta", "distilbert", "electra"])
def test_the_named_layers_are_kept_in_their_order(tmp_path: Path, kind: str) -> None:
    """Weights of layers 0 and 2, and embeddings and head, are those of the model; all layers give its logits."""
    from argosy.compress.layers import shallow, spread
    from argosy.train.methods.parts import layers_of

    whole = model_of(tmp_path / "whole", kind)
    before = loaded(whole)
    shallow(whole, spread(4, 2), tmp_path / "two")
    after = loaded(tmp_path / "two")
    assert after.config.num_hidden_layers == 2
    for kept, number in zip(layers_of(after), (0, 2), strict=True):
        own = layers_of(before)[number].state_dict()
        assert all(torch.equal(weight, own[name]) for name, weight in kept.state_dict().items())
    assert torch.equal(after.get_input_embeddings().weight, before.get_input_embeddings().weight)
    shallow(whole, spread(4, 4), tmp_path / "four")
    assert torch.equal(logits(loaded(tmp_path / "four")), logits(before))


@pytest.mark.parametrize("by", ["taylor", "magnitude"])
@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_a_whole_share_changes_nothing(tmp_path: Path, kind: str, by: Any) -> None:
    """Share 1 gives the same logits and the same sizes."""
    from argosy.compress.prune import thin

    whole = model_of(tmp_path / "whole", kind)
    thin(whole, 1.0, by, material(), tmp_path / "out")
    assert torch.equal(logits(loaded(tmp_path / "out")), logits(loaded(whole)))


@pytest.mark.parametrize("by", ["taylor", "magnitude"])
@pytest.mark.parametrize("kind", ["bert", "xlm-roberta", "distilbert", "electra"])
def test_half_the_width_is_what_transformers_loads(tmp_path: Path, kind: str, by: Any) -> None:
    """Half of the units are gone; half of the heads are silent, and can be taken out without a change."""
    from argosy.compress.prune import thin
    from argosy.compress.widths import without_silent_heads

    whole = model_of(tmp_path / "whole", kind)
    thin(whole, 0.5, by, material(), tmp_path / "out")
    config = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    assert config["hidden_dim" if kind == "distilbert" else "intermediate_size"] == 32
    found = loaded(tmp_path / "out")
    expected, weights = logits(found), found.num_parameters()
    without_silent_heads(found)
    torch.testing.assert_close(logits(found), expected, rtol=1e-5, atol=1e-6)
    assert weights - found.num_parameters() == 4 * (4 * 16 * 32 + 3 * 16)  # layers · (matrices and their biases)


@pytest.mark.parametrize("by", ["taylor", "magnitude"])
def test_the_units_that_matter_least_go(model: Path, tmp_path: Path, by: Any) -> None:
    """Planted: units and a head whose answer is nearly nothing."""
    from argosy.compress.prune import thin
    from argosy.train.methods.parts import layers_of

    planted = loaded(model)
    with torch.no_grad():
        for number, layer in enumerate(layers_of(planted)):
            layer.output.dense.weight[:, number : number + 32] *= 1e-4
            layer.intermediate.dense.weight[number : number + 32] *= 1e-4
            layer.attention.output.dense.weight[:, 8 * number : 8 * number + 8] *= 1e-4
            layer.attention.self.value.weight[8 * number : 8 * number + 8] *= 1e-4
    planted.save_pretrained(tmp_path / "planted")
    (tmp_path / "planted" / "tokenizer.json").write_bytes((model / "tokenizer.json").read_bytes())
    thin(tmp_path / "planted", 0.75, by, material(), tmp_path / "out")
    found = loaded(tmp_path / "out")
    for number, (layer, own) in enumerate(zip(layers_of(found), layers_of(planted), strict=True)):
        assert not layer.attention.self.value.weight[8 * number : 8 * number + 8].any()
        assert layer.intermediate.dense.weight.shape == (48, 32)
        kept = {tuple(row) for row in layer.intermediate.dense.weight.tolist()}
        strong = [row for place, row in enumerate(own.intermediate.dense.weight.tolist())
                  if not number <= place < number + 32]  # fmt: skip
        assert all(tuple(row) in kept for row in strong)


def test_taylor_is_the_gradient_of_a_gate(model: Path) -> None:
    """By hand: the change of each text's loss as a factor before one unit, and before one head, goes from 1."""
    from argosy.compress.prune import judged
    from argosy.compress.widths import taylor
    from argosy.train.methods.parts import layers_of

    found, given = loaded(model), judged(model, material())
    scores = taylor(found, given)
    layer = layers_of(found)[1]
    for reader, places, score in (
        (layer.output.dense, [5], scores[1].units[5]),
        (layer.attention.output.dense, list(range(8, 16)), scores[1].heads[1]),
    ):
        total = 0.0
        for ids, mask, targets in given:
            gate = torch.ones(len(ids), requires_grad=True)

            def through(module: Any, asked: Any, gate: Any = gate, places: Any = places) -> Any:
                del module
                factor = torch.ones(asked[0].shape[-1]).index_fill(0, torch.tensor(places), 0)
                return (asked[0] * (factor + (1 - factor) * gate[:, None, None]),)

            hook = reader.register_forward_pre_hook(through)
            loss = torch.nn.functional.cross_entropy(
                found(input_ids=ids, attention_mask=mask).logits, targets, reduction="sum"
            )
            hook.remove()
            total += float(torch.autograd.grad(loss, gate)[0].abs().sum())
        assert float(score) == pytest.approx(total, rel=1e-3)


def test_a_silent_head_stays_silent_in_recovery(model: Path, tmp_path: Path) -> None:
    """Training moves the others, and the export may still leave it out."""
    from argosy.compress.prune import Width, thin
    from argosy.compress.widths import without_silent_heads

    thin(model, 0.5, "taylor", material(), tmp_path / "cut")
    Width(share=0.5, epochs=2)(model, material(), tmp_path / "out", silent)
    found, cut = loaded(tmp_path / "out"), loaded(tmp_path / "cut")
    assert not torch.equal(logits(found), logits(cut))
    for one in (found, cut):
        without_silent_heads(one)
    assert found.num_parameters() == cut.num_parameters()


@pytest.mark.parametrize("unlabelled", [(), ("好 film", "food was bad", "坏")])
def test_recovery_learns_what_the_teacher_says(model: Path, tmp_path: Path, unlabelled: Any) -> None:
    """One layer of four ends near the teacher; unlabelled texts are asked about too, once each."""
    from argosy.compress.layers import shallow
    from argosy.compress.prune import Layers

    asked: list[str] = []

    def teach(texts: Sequence[str]) -> Any:
        asked.extend(texts)
        return said(texts)

    given = material(teach=teach, unlabelled=(*unlabelled, *unlabelled), train=ROWS * 4)
    told: list[float] = []
    Layers(keep=1, epochs=60)(model, given, tmp_path / "out", lambda share, _: told.append(share))
    assert told[-1] == 1.0
    assert all(asked.count(text) == 1 for text in unlabelled)
    shallow(model, (0,), tmp_path / "cut")

    def loss(folder: Path) -> float:
        from argosy.infer.tokens import Tokenizer

        found, read = loaded(folder), Tokenizer.load(folder, max_length=16).encode([text for text, _ in ROWS])
        with torch.inference_mode():
            own = torch.cat([found(input_ids=torch.tensor([ids])).logits for ids in read]).log_softmax(dim=-1)
        taught = torch.from_numpy(said([text for text, _ in ROWS])).log_softmax(dim=-1)
        return float(torch.nn.functional.kl_div(own, taught, log_target=True, reduction="batchmean"))

    assert loss(tmp_path / "out") < 0.9 * loss(tmp_path / "cut")


def test_recovery_is_the_same_again(model: Path, tmp_path: Path) -> None:
    """The clock decides nothing: the same minutes give the same weights."""
    from argosy.compress.prune import Layers

    for name in ("one", "two"):
        Layers(keep=2, minutes=1e-6)(model, material(), tmp_path / name, silent)
    one, two = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two


def test_more_minutes_and_fewer_layers_give_more_epochs(model: Path, tmp_path: Path) -> None:
    """Within its bounds the number of epochs follows the operations."""
    from argosy.compress.layers import shallow
    from argosy.compress.recover import affordable

    shallow(model, (0, 1), tmp_path / "two")
    texts = [text for text, _ in ROWS] * 1_000
    few, more = (affordable(model, material(), texts, minutes=minutes) for minutes in (0.003, 0.006))
    assert few < more < affordable(tmp_path / "two", material(), texts, minutes=0.006)
    assert affordable(model, material(), texts, minutes=10_000) == affordable(model, material(), texts, minutes=99_999)


def test_what_cannot_be_meant_is_refused(model: Path, tmp_path: Path) -> None:
    """More layers than there are, no layer, a share outside, and a family whose layers are not known."""
    from argosy.compress.prune import Layers, Width

    for keep in (0, 5):
        with pytest.raises(ProjectError, match=f"Expected 1 to 4 layers to keep, found {keep}"):
            Layers(keep=keep)(model, material(), tmp_path / "out", silent)
    for share in (0.0, 1.5):
        with pytest.raises(ProjectError, match="Expected a share above 0 and at most 1"):
            Width(share=share)(model, material(), tmp_path / "out", silent)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text('{"model_type": "gpt2"}', encoding="utf-8")
    for step in (Layers(keep=1), Width(share=0.5)):
        with pytest.raises(ProjectError, match=r"one of the families bert, .* found gpt2"):
            step(tmp_path / "other", material(), tmp_path / "out", silent)


def test_steps_are_named_as_reports_show_them() -> None:
    """Short, and different from each other."""
    from argosy.compress.prune import Layers, Width

    assert [Layers(keep=1).name, Layers(keep=6).name] == ["1 layer", "6 layers"]
    assert Width(share=0.5).name == "50% of heads and units by taylor"
