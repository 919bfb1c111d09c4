# ruff: noqa: INP001 - beside the script that uses it
"""What the benchmarks of compression and speed found, in one cell each, and the tables that stand below."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from argosy.evaluate.intervals import wilson
from argosy.report.numbers import brief, interval, percents, points, rounded, share

Found = Mapping[str, Any]
Row = list[str]


def _inference(one: Found) -> str:
    batch = f"{one['ratio']} × in batches ({one['texts_per_s']:,.0f} and {one['peer_texts_per_s']:,.0f} texts/s)"
    alone = f"{one['single_ratio']} × alone (p50 {one['p50_ms']:.1f} and {one['peer_p50_ms']:.1f} ms)"
    return f"{one['engine']}: {batch}, {alone}; the labels of fp32 on {one['agreement']:.1%}"


def _roofline(one: Found) -> str:
    return (
        f"{one['ratio']:.0%} of {one['roof_gops']:,.0f} Gop/s ({one['engine']}); fp32 roof"
        f" {one['fp32_roof_gflops']:,.0f} Gflop/s, memory {one['memory_gb_s']} GB/s"
    )


def _engines(one: Found) -> str:
    return f"{one['ratio']} × {one['peer']}; the table is below"


def _quantise(one: Found) -> str:
    dynamic = one["dynamic"]
    return (
        f"{one['ratio']} × fp32, labels equal on {one['agreement']:.1%}, {one['flips_in_company']} flips in company;"
        f" dynamic: {dynamic['ratio']} ×, {dynamic['agreement']:.1%}, {dynamic['flips_in_company']} flips"
    )


def _parity(one: Found) -> str:
    rows, made = percents(one["int8_agreement_rows"]), percents(one["int8_agreement_made"])
    return (
        f"{one['texts']:,} texts: torch and ONNX differ by {one['torch_onnx_gap']:.1e} at most; 8-bit labels equal on"
        f" {rows} of real rows, {made} of texts made to go wrong; HTTP {one['http_agreement']:.1%},"
        f" {one['flips_in_company']} flips in company, {one['failed']} failed"
    )


def _memory(one: Found) -> str:
    return (
        f"{one['mb']:.0f} MB where the peer has {one['peer_mb']:.0f} ({one['ratio']} ×); first answer after"
        f" {one['startup_s']} s where it takes {one['peer_startup_s']} s ({one['startup_ratio']} ×)"
    )


def _serving(one: Found) -> str:
    torch, same = f"{one['ratio']} × LitServe with torch", f"{one['same_engine_ratio']} ×"
    ratios = f"{one['pipeline_ratio']} × FastAPI + pipeline, {torch}, {same}"
    blocked = one["head_of_line"]
    beside = f"p99 of short texts {blocked['short_p99_alone']:.0f} ms alone, {blocked['short_p99_beside_long']:.0f} ms"
    told = f"{ratios} LitServe with our engine; {beside} beside a thousand long ones"
    if "sold_share" not in one:  # measured before the service sold
        return told
    return f"{told}; with keys, limits and meter {one['sold_share']:.0%}, p99 {one['sold_adds_ms']['p99']:+} ms"


def _compress(one: Found) -> str:
    told = []
    for language, found in one["transformer"].items():
        told.append(
            f"{language}: {found['name']} {found['ratio']:.1f} × texts/s, {found['size_ratio']:.1f} × smaller"
            f" ({found['size_ratio_untrimmed']:.1f} × than untrimmed), {_gap(found['gain'])} points on the test rows"
        )
    return "; ".join(told)


def _static(one: Found) -> str:
    quality = one["quality"]
    known = asdict(wilson(round(quality["accuracy"] * one["texts"]), one["texts"]))
    return (
        f"{one['texts_per_s']['static']:,} texts/s, {one['ratio']} × fp32, {one['ratio_to_linear']} × the linear model;"
        f" accuracy {interval(known)}: {_gap(quality['less_teacher'])} points to its teacher,"
        f" {_gap(quality['less_linear'])} to the linear model; {brief(one['size_mb'])} MB"
    )


def _vocabulary(one: Found) -> str:
    quality = one["quality"]
    return (
        f"{one['ratio']} × fewer pieces; of {one['texts']:,} unseen texts {quality['kept_pieces']:.2%} of the pieces"
        f" kept, {quality['same_texts']:.1%} read as before, {quality['unknown_after']:.2%} unknown"
        f" (before {quality['unknown_before']:.2%})"
    )


def _pruning(one: Found) -> str:
    gap = _gap(one["taylor_less_magnitude"])
    return f"accuracy {interval(one['quality'])}; Taylor less magnitude, both recovered: {gap} points"


def _quantised_text(one: Found) -> str:
    return f"{one['ratio']} × tokens/s and {one['size_ratio']} × smaller at the least; the table is below"


def _predict(one: Found) -> str:
    memory = ", ".join(f"{rows} rows {mb:.0f} MB" for rows, mb in one["peak_mb"].items())
    return f"{one['ratio']} × {one['peer']} ({one['texts_per_s']:,.0f} texts/s); at the peak {memory}"


def _edge(one: Found) -> str:
    return (
        f"{one['engine']}: {one['size_mb']} MB on disk, p50 {one['p50_ms']} ms, p99 {one['p99_ms']} ms,"
        f" {one['peak_mb']} MB at the peak within {one['limit_mb']} MB ({one['bounded']});"
        f" the peer {one['peer_peak_mb']} MB"
    )


def _gap(found: Found) -> str:
    return f"{points(found['difference'])} [{points(found['low'])}, {points(found['high'])}]"


CELLS: Mapping[str, Callable[[Found], str]] = {
    "inference": _inference,
    "roofline": _roofline,
    "engines": _engines,
    "quantised_text": _quantised_text,
    "quantise": _quantise,
    "parity": _parity,
    "memory": _memory,
    "serving": _serving,
    "compress": _compress,
    "static": _static,
    "vocabulary": _vocabulary,
    "pruning": _pruning,
    "predict": _predict,
    "edge": _edge,
}


def engines(one: Found) -> Iterator[Row]:
    """One model in every engine."""
    for name, found in one["engines"].items():
        told = "–" if "agreement" not in found else percents(found["agreement"])
        figures = [rounded(found["texts_per_s"], 3), rounded(found["p50_ms"]), rounded(found["p99_ms"])]
        yield [name, *figures, told, str(found.get("flips_in_company", "–")), brief(found["size_mb"])]


def frontiers(one: Found) -> Iterator[Row]:
    """Every point of both languages."""
    for language, found in one["frontiers"].items():
        for point in found:
            figures = [rounded(point["texts_per_s"], 3), rounded(point["p99_ms"]), brief(point["size_mb"])]
            loss = point["loss"]
            lost = f"{points(-loss['difference'])} [{points(-loss['high'])}, {points(-loss['low'])}]"
            name = f"→ {point['name']}" if point["name"] == one["picked"][language]["name"] else point["name"]
            marked = f"{name} (refused)" if point["refused"] else name
            yield [language, marked, interval(point["quality"]), lost, *figures, rounded(point["cost"])]


def weights(one: Found) -> Iterator[Row]:
    """Each language model with its weights in fewer bits."""
    for model, found in one["models"].items():
        for kind, told in found["kinds"].items():
            lost = "; ".join(
                f"{language} {loss['difference']:+.4f} [{loss['low']:+.4f}, {loss['high']:+.4f}]"
                for language, loss in told["loss"].items()
            )
            same, pace = share(told["agreement"]["value"]), f"{told['tokens_per_s']:.0f}"
            yield [model, kind, f"{told['size_mb']:.1f}", lost, same, pace]


TABLES: Mapping[str, tuple[str, tuple[str, ...], Callable[[Found], Iterator[Row]]]] = {
    "engines": (
        "Engines 引擎",
        ("engine", "texts/s", "p50 ms", "p99 ms", "labels of fp32", "flips in company", "MB"),
        engines,
    ),
    "compress": (
        "Frontier 权衡前沿",
        ("texts", "point", "macro F1, validation", "against tuned", "texts/s", "p99 ms", "MB", "CNY for 1,000"),
        frontiers,
    ),
    "quantised_text": (
        "Language models in fewer bits 更少位的语言模型",
        ("model", "weights", "MB", "bits per byte lost", "same tokens", "tokens/s"),
        weights,
    ),
}
