"""Rewrites an exported graph so that ONNX Runtime does less for the same answers.

Each rewrite looks for a structure, proves what it relies on, and leaves alone what it does not know:

- a mask that says no more than ``attention_mask``, as random masks show, is made of it in a few steps;
- what a classifier reads of the first token alone is computed for the first token alone, up to the keys and values of
  the last attention, which every token has a part in.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper, numpy_helper

from argosy.infer.session import session_of

MICROSOFT = "com.microsoft"

_HEADS_FIRST = [0, 2, 1, 3]
_MASK = "attention_mask.int32"
_LOWEST = float(np.finfo(np.float32).min)
_PROBES = ((2, 5), (3, 8), (1, 2_048))  # rows and tokens of the masks that prove what a mask says, windows included
_HIDDEN = 3  # axes of a hidden state: rows, tokens, channels
_ALONG = {  # operators that treat each token for itself → the inputs that have one entry a token
    "Add": (0, 1),
    "Mul": (0, 1),
    "Sub": (0, 1),
    "Div": (0, 1),
    "Gelu": (0,),
    "Tanh": (0,),
    "Relu": (0,),
    "Erf": (0,),
    "MatMul": (0,),
    "LayerNormalization": (0,),
    "MultiHeadAttention": (0,),
}


def fuse(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same function of the same inputs, in fewer and cheaper steps."""
    shapes = _shapes(model)
    masks = _key_masks(model)
    for rewrite in (_first_token, _short_masks):
        graph = _Graph.of(model, shapes, model.graph.node)
        _rebuild(model, rewrite(graph, masks))
    return model


Shapes = Mapping[str, Sequence[int | None]]
"""Tensor → its sizes; None where a size is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Graph:
    """A graph's nodes in their order, who makes and who uses each tensor, the constants, and all known shapes."""

    model: onnx.ModelProto
    nodes: Sequence[onnx.NodeProto]
    makers: Mapping[str, onnx.NodeProto]
    users: Mapping[str, Sequence[onnx.NodeProto]]
    constants: Mapping[str, onnx.TensorProto]
    shapes: Shapes

    @classmethod
    def of(cls, model: onnx.ModelProto, shapes: Shapes, nodes: Iterable[onnx.NodeProto]) -> "_Graph":
        """The graph of those of these nodes that the model's outputs need."""
        needed = _needed(model, nodes)
        users: dict[str, list[onnx.NodeProto]] = {}
        for node in needed:
            for name in node.input:
                users.setdefault(name, []).append(node)
        for result in model.graph.output:
            users.setdefault(result.name, []).append(onnx.NodeProto())  # the world outside
        return cls(
            model=model,
            nodes=needed,
            makers={name: node for node in needed for name in node.output},
            users=users,
            constants={tensor.name: tensor for tensor in model.graph.initializer},
            shapes=shapes,
        )

    def maker(self, name: str, kind: str) -> onnx.NodeProto | None:
        """The node that makes a tensor, if it is of this kind."""
        node = self.makers.get(name)
        return node if node is not None and node.op_type == kind else None

    def only_user(self, name: str, kind: str) -> onnx.NodeProto | None:
        """The node that alone uses a tensor, if it is of this kind."""
        users = self.users.get(name, ())
        return users[0] if len(users) == 1 and users[0].op_type == kind else None

    def is_vector(self, name: str) -> bool:
        """Whether a tensor is constant and has an entry a channel, or one."""
        return name in self.constants and len(self.constants[name].dims) <= 1

    def constant_sizes(self, name: str) -> Sequence[int]:
        """The sizes of a constant; none for other tensors."""
        return self.constants[name].dims if name in self.constants else ()

    def is_hidden(self, name: str) -> bool:
        """Whether a tensor is computed, [rows, tokens, channels]."""
        return name not in self.constants and len(self.shapes.get(name, ())) == _HIDDEN

    def constant(self, name: str, value: np.ndarray) -> str:
        """A new constant's name."""
        if all(tensor.name != name for tensor in self.model.graph.initializer):
            self.model.graph.initializer.append(numpy_helper.from_array(value, name))
        return name


def _shapes(model: onnx.ModelProto) -> Shapes:
    found = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    types = {value.name: value.type.tensor_type for value in (*found.value_info, *found.input, *found.output)}
    return {
        name: [size.dim_value if size.HasField("dim_value") else None for size in kind.shape.dim]
        for name, kind in types.items()
        if kind.HasField("shape")
    }


def _needed(model: onnx.ModelProto, nodes: Iterable[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """Of these nodes, in their order, those that the model's outputs hang on."""
    wanted = {result.name for result in model.graph.output}
    kept: list[onnx.NodeProto] = []
    for node in reversed(list(nodes)):
        if wanted & set(node.output):
            kept.append(node)
            wanted.update(node.input)
    return kept[::-1]


def _rebuild(model: onnx.ModelProto, nodes: Iterable[onnx.NodeProto]) -> None:
    """Put these nodes, as far as they are needed, in place of the model's."""
    kept = _needed(model, nodes)
    used = {name for node in kept for name in node.input}
    constants = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(kept)
    model.graph.initializer.extend(constants)
    if any(node.domain == MICROSOFT for node in kept) and all(one.domain != MICROSOFT for one in model.opset_import):
        model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))


def _attribute(node: onnx.NodeProto, name: str, default: object = None) -> object:
    return next((helper.get_attribute_value(one) for one in node.attribute if one.name == name), default)


def _fused_attention(graph: _Graph, node: onnx.NodeProto, masks: Collection[str]) -> onnx.NodeProto | None:
    """The operator that does what a node and the cutting of heads around it do; None where it does something else."""
    if node.op_type != "Attention" or not _is_plain(node) or node.input[3] not in masks:
        return None
    heads = [_heads(graph, name) for name in node.input[:3]]
    turned = graph.only_user(node.output[0], "Transpose")
    joined = graph.only_user(turned.output[0], "Reshape") if turned is not None else None
    if None in heads or turned is None or joined is None or _attribute(turned, "perm") != _HEADS_FIRST:
        return None
    sources, counts, sizes = zip(*(head for head in heads if head is not None), strict=True)
    product = graph.only_user(joined.output[0], "MatMul")
    wide = graph.constant_sizes(product.input[1])[:1] if product is not None else ()
    if len(set(counts)) != 1 or list(wide) != [counts[0] * sizes[2]] or not graph.is_hidden(joined.output[0]):
        return None
    return helper.make_node(
        "MultiHeadAttention",
        [*sources, "", _MASK],
        [joined.output[0]],
        domain=MICROSOFT,
        num_heads=counts[0],
        scale=_attribute(node, "scale", sizes[0] ** -0.5),
        mask_filter_value=_LOWEST,
    )


def _is_plain(node: onnx.NodeProto) -> bool:
    """Whether an attention has queries, keys, values and a mask, and nothing besides."""
    special = [_attribute(node, name, 0) for name in ("is_causal", "softcap", "q_num_heads", "kv_num_heads")]
    return len(node.input) == 4 and len(node.output) == 1 and not any(special)  # noqa: PLR2004


def _heads(graph: _Graph, name: str) -> tuple[str, int, int] | None:
    """The hidden state whose heads a tensor holds, their number and their size."""
    turned = graph.maker(name, "Transpose")
    cut = graph.maker(turned.input[0], "Reshape") if turned is not None else None
    if turned is None or cut is None or _attribute(turned, "perm") != _HEADS_FIRST:
        return None
    whole, parts = graph.shapes.get(cut.input[0], ()), graph.shapes.get(name, ())
    if len(whole) != _HIDDEN or len(parts) != _HIDDEN + 1:
        return None
    channels, size = whole[2], parts[3]
    return (cut.input[0], channels // size, size) if channels and size else None


def _key_masks(model: onnx.ModelProto) -> set[str]:
    """The masks of attentions that are true where, and only where, ``attention_mask`` shows a token as key."""
    names = {node.input[3] for node in model.graph.node if node.op_type == "Attention" and _is_plain(node)}
    return {name for name in names if _is_key_mask(model, name)}


def _is_key_mask(model: onnx.ModelProto, name: str) -> bool:
    part = onnx.ModelProto()
    part.CopyFrom(model)
    del part.graph.output[:]
    part.graph.output.append(helper.make_empty_tensor_value_info(name))
    _rebuild(part, model.graph.node)
    session = session_of(part.SerializeToString())
    draw = np.random.default_rng(0)
    for rows, tokens in _PROBES:
        mask = draw.integers(0, 2, (rows, tokens), dtype=np.int64)
        (found,) = session.run([name], {"input_ids": np.zeros_like(mask), "attention_mask": mask})
        wanted = np.broadcast_to(mask[:, None, None, :] > 0, (rows, 1, tokens, tokens))
        if found.dtype != np.bool_ or found.shape != wanted.shape or not np.array_equal(found, wanted):
            return False
    return True


def _short_masks(graph: _Graph, masks: Collection[str]) -> list[onnx.NodeProto]:
    """Make each mask of its bits alone: [rows, 1, tokens, tokens], where keys vary along the last axis."""
    if not masks:
        return list(graph.nodes)
    ones = graph.constant("mask.ones", np.array([1, 1], np.int64))
    last, axes = graph.constant("mask.last", np.array([1], np.int64)), graph.constant("mask.axes", np.array([1, 2]))
    made = [
        helper.make_node("Cast", ["attention_mask"], ["mask.bool"], to=onnx.TensorProto.BOOL),
        helper.make_node("Unsqueeze", ["mask.bool", axes], ["mask.keys"]),
        helper.make_node("Shape", ["attention_mask"], ["mask.tokens"], start=1, end=2),
        helper.make_node("Concat", [ones, "mask.tokens", last], ["mask.shape"], axis=0),
        *(helper.make_node("Expand", ["mask.keys", "mask.shape"], [name]) for name in sorted(masks)),
    ]
    return [*made, *(node for node in graph.nodes if node.output[0] not in masks)]


def _first_token(graph: _Graph, masks: Collection[str]) -> list[onnx.NodeProto]:
    """Take the first token as early as can be, where nodes take it of hidden states."""
    fused = {node.output[0]: node for one in graph.nodes if (node := _fused_attention(graph, one, masks)) is not None}
    view = _Graph.of(graph.model, graph.shapes, [fused.get(node.output[0], node) for node in graph.nodes])
    inside = _inside(view)
    cuts = sorted({name for sources in inside.values() for name in sources} - inside.keys())
    if not any(name in inside for name in graph.shapes if graph.is_hidden(name)):
        return list(graph.nodes)
    zero = graph.constant("first_token", np.array([0], np.int64))
    early = {name: helper.make_node("Gather", [name, zero], [f"{name}.first"], axis=1) for name in cuts}
    nodes = [helper.make_node("Cast", ["attention_mask"], [_MASK], to=onnx.TensorProto.INT32)]
    for node in graph.nodes:
        taken = {name: f"{name}.first" for name in inside.get(node.output[0], ()) if name in early}
        nodes.append(_with_sources(fused.get(node.output[0], node) if node.output[0] in inside else node, taken))
        nodes += [early[name] for name in node.output if name in early]
    return nodes


def _inside(view: _Graph) -> dict[str, tuple[str, ...]]:
    """The tensors of which the first token alone is needed → the hidden states that they are made of."""
    inside: dict[str, tuple[str, ...]] = {
        node.output[0]: (node.input[0],) for node in view.nodes if _reads_first(view, node)
    }
    for node in reversed(view.nodes):
        sources = _sources(view, node)
        if sources and _feeds_only(view, node.output[0], inside):
            inside[node.output[0]] = sources
    return inside


def _reads_first(graph: _Graph, node: onnx.NodeProto) -> bool:
    """Whether a node takes the first token, and nothing else, of a hidden state."""
    if node.op_type != "Gather" or _attribute(node, "axis", 0) != 1 or not graph.is_hidden(node.input[0]):
        return False
    place = graph.constants.get(node.input[1])
    return place is not None and not place.dims and int(numpy_helper.to_array(place)) == 0


def _feeds_only(graph: _Graph, name: str, inside: Mapping[str, Sequence[str]]) -> bool:
    """Whether a tensor goes nowhere but into ``inside``, and there as one of the sources."""
    users = graph.users.get(name, ())
    return all(
        user.output and name in inside.get(user.output[0], ()) and not set(_others(user)) & {name} for user in users
    )


def _others(node: onnx.NodeProto) -> Sequence[str]:
    """The inputs that every token's result depends on."""
    return node.input[1:] if node.op_type == "MultiHeadAttention" else ()


def _sources(graph: _Graph, node: onnx.NodeProto) -> tuple[str, ...]:
    """The hidden states that a token's result is made of, token by token; none if it is made of anything else."""
    places, given = _ALONG.get(node.op_type, ()), node.input
    if not places or not graph.is_hidden(node.output[0]):
        return ()
    if node.op_type == "LayerNormalization" and _attribute(node, "axis", -1) != -1:
        return ()
    if node.op_type == "MatMul" and len(graph.shapes.get(given[1], graph.constant_sizes(given[1]))) != 2:  # noqa: PLR2004
        return ()
    sources = tuple(given[place] for place in places if not graph.is_vector(given[place]))
    return sources if all(map(graph.is_hidden, sources)) else ()


def _with_sources(node: onnx.NodeProto, names: Mapping[str, str]) -> onnx.NodeProto:
    """The node, reading other tensors as the sources it is made of."""
    if not names:
        return node
    changed = onnx.NodeProto()
    changed.CopyFrom(node)
    for place in _ALONG.get(node.op_type, (0,)):
        changed.input[place] = names.get(node.input[place], node.input[place])
    return changed
