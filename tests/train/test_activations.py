"""What frozen layers make of a row is computed once, and the training goes as if it had been computed each time."""

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

TOKENS = [[2, *range(4, 4 + length), 3] for length in (3, 1, 7, 5, 0, 3, 9, 2)]


class _Source:
    """Rows of tokens as batches of three."""

    def order(self, epoch: int) -> list[tuple[int, ...]]:
        return [(0, 1, 2), (3, 4, 5), (6, 7)] if epoch == 0 else [(7, 2, 4), (6, 0, 1), (5, 3)]

    def batch(self, rows: tuple[int, ...], epoch: int) -> object:
        from argosy.train.batches import Batch, padded

        del epoch
        ids, mask = padded([TOKENS[row] for row in rows], 0)
        return Batch(rows=rows, tensors={"ids": ids, "mask": mask, "targets": torch.tensor(rows) % 2}, units=len(rows))


def _model(frozen: int, kind: str = "bert") -> "torch.nn.Module":
    import transformers

    torch.manual_seed(1)
    sizes = {"vocab_size": 20, "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 4}
    config = transformers.AutoConfig.for_model(kind, **sizes, intermediate_size=32, hidden_dropout_prob=0.0)
    model = transformers.AutoModelForSequenceClassification.from_config(config)
    model.base_model.embeddings.requires_grad_(False)
    for layer in model.base_model.encoder.layer[:frozen]:
        layer.requires_grad_(False)
    return model.eval()


def _loss(model: "torch.nn.Module", batch: object) -> "torch.Tensor":
    from argosy.train import packed

    return torch.nn.functional.cross_entropy(packed.run(model, batch.tensors).logits, batch.tensors["targets"])


def _gradients(model: "torch.nn.Module", source: object) -> dict[str, "torch.Tensor"]:
    model.zero_grad()
    sum(_loss(model, source.batch(rows, 1)) for rows in source.order(1)).backward()
    return {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}


@pytest.mark.parametrize("frozen", [1, 2, 3])
@pytest.mark.parametrize("largest", [10**9, 0])
@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_the_gradients_are_those_without_it(frozen: int, largest: int, kind: str) -> None:
    """With some layers frozen or all, from memory or from a file, in another epoch's company."""
    from argosy.train.methods.activations import cached

    model = _model(frozen, kind)
    expected = _gradients(model, _Source())
    with cached(model, _Source(), bf16=False, largest=largest) as kept:
        found = _gradients(model, kept)
    assert expected.keys() == found.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-6)


def test_in_memory_and_in_a_file_it_is_the_same_to_the_bit() -> None:
    """In half precision too, and however often it is computed."""
    from argosy.train.methods.activations import cached

    model = _model(2)
    below = []
    for largest in (10**9, 10**9, 0):
        with cached(model, _Source(), bf16=True, largest=largest) as kept:
            below.append(kept.batch((7, 2, 4), 1).tensors["below"])
    assert below[0].dtype == torch.bfloat16
    assert torch.equal(below[0], below[1])
    assert torch.equal(below[0], below[2])


def test_what_has_no_frozen_layer_is_left_as_it_is() -> None:
    """A model whose lowest layer trains, or whose words do."""
    from argosy.train.methods.activations import cached

    source, trained = _Source(), _model(0)
    with cached(trained, source, bf16=False) as same:
        assert same is source
    words = _model(2)
    words.base_model.embeddings.requires_grad_(True)
    with cached(words, source, bf16=False) as same:
        assert same is source


def test_the_model_keeps_its_mode() -> None:
    """Training mode is set by the loop, before and after."""
    from argosy.train.methods.activations import cached

    model = _model(2).train()
    with cached(model, _Source(), bf16=False):
        pass
    assert model.training
