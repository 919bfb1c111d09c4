"""What is claimed of answers from raw text, without a server."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words

from argosy.report.numbers import brief, percents, rounded

SERVED = ("src/argosy/infer", "src/argosy/compress")
PIPELINE = Words("transformers pipeline, text by text, fp32", "transformers pipeline，逐条，fp32")


def engines(one: Found) -> Iterator[list[str]]:
    """One model in every engine."""
    for name, found in one["engines"].items():
        told = percents(found["agreement"]) if "agreement" in found else "–"
        figures = [rounded(found["texts_per_s"], 3), rounded(found["p50_ms"]), rounded(found["p99_ms"])]
        yield [name, *figures, told, str(found.get("flips_in_company", "–")), brief(found["size_mb"])]


CLAIMS = (
    Claim(
        script="inference.inference",
        says=Words("labels from raw text, the served engine", "从原始文本到标签，上线引擎"),
        against=PIPELINE,
        minutes=3,
        figures=(
            Figure(
                what=Words("texts/s in batches", "批量吞吐"),
                at="ratio",
                unit="×",
                goal=">= 8.7",
                stretch=">= 12",
                rounds="rounds",
            ),
            Figure(what=Words("p50 one by one", "逐条 p50"), at="single_ratio", unit="×", goal=">= 4", stretch=">= 6"),
            Figure(
                what=Words("labels of fp32", "与 fp32 相同的标签"), at="agreement", unit="%", goal=">= 0.99", of="texts"
            ),
            Figure(what=Words("texts/s", "条/秒"), at="texts_per_s"),
            Figure(what=Words("texts/s of the peer", "对方条/秒"), at="peer_texts_per_s"),
            Figure(what=Words("p50 alone", "单条 p50"), at="p50_ms", unit="ms"),
            Figure(what=Words("p50 of the peer alone", "对方单条 p50"), at="peer_p50_ms", unit="ms"),
        ),
        measures=SERVED,
    ),
    Claim(
        script="inference.roofline",
        says=Words("share of the measured roof, from raw text to logits", "从原始文本到 logits 达到实测上限的比例"),
        against=Words("matrix products of the model's own shapes alone", "仅模型自身形状的矩阵乘"),
        minutes=2,
        figures=(
            Figure(
                what=Words("share of the roof", "上限的比例"), at="ratio", unit="%", goal=">= 0.54", stretch=">= 0.75"
            ),
            Figure(what=Words("8-bit roof", "8 位上限"), at="roof_gops", unit="Gop/s"),
            Figure(what=Words("fp32 roof", "fp32 上限"), at="fp32_roof_gflops", unit="Gflop/s"),
            Figure(what=Words("memory", "内存带宽"), at="memory_gb_s", unit="GB/s"),
        ),
        measures=SERVED,
    ),
    Claim(
        script="inference.engines",
        says=Words("one model in every engine", "同一模型在每种引擎中"),
        against=Words("onnx-fp32, label by label", "onnx-fp32，逐个标签"),
        minutes=5,
        figures=(
            Figure(
                what=Words("labels of fp32, fastest OpenVINO", "最快的 OpenVINO 与 fp32 相同的标签"),
                at="agreement",
                unit="%",
                goal=">= 0.99",
            ),
            Figure(
                what=Words("labels that change with company", "随同批文本变化的标签"),
                at="engines/onnx-int8/flips_in_company",
                goal="= 0",
            ),
            Figure(
                what=Words("fastest OpenVINO against the served engine", "最快的 OpenVINO 对比上线引擎"),
                at="ratio",
                unit="×",
            ),
        ),
        measures=SERVED,
        lists=(
            List(
                title=Words("Engines", "引擎"),
                columns=(
                    Words("engine", "引擎"),
                    Words("texts/s", "条/秒"),
                    Words("p50 ms", "p50 毫秒"),
                    Words("p99 ms", "p99 毫秒"),
                    Words("labels of fp32", "与 fp32 相同的标签"),
                    Words("flips in company", "随同批变化"),
                    Words("MB", "MB"),
                ),
                rows=engines,
            ),
        ),
    ),
    Claim(
        script="inference.parity",
        says=Words("the same answers in every engine and over HTTP", "每种引擎和 HTTP 给出相同回答"),
        against=Words("onnx-fp32, label by label", "onnx-fp32，逐个标签"),
        minutes=5,
        figures=(
            Figure(
                what=Words("8-bit labels, all texts", "8 位标签相同，全部文本"),
                at="int8_agreement",
                unit="%",
                goal=">= 0.99",
            ),
            Figure(
                what=Words("8-bit labels, real rows", "8 位标签相同，真实行"),
                at="int8_agreement_rows",
                unit="%",
                goal=">= 0.99",
            ),
            Figure(
                what=Words("HTTP = engine", "HTTP 与引擎相同"), at="http_agreement", unit="%", goal="= 1", of="texts"
            ),
            Figure(
                what=Words("labels that change with company", "随同批文本变化的标签"), at="flips_in_company", goal="= 0"
            ),
            Figure(
                what=Words("torch against ONNX, at most", "torch 与 ONNX 最大差"), at="torch_onnx_gap", goal="<= 0.0001"
            ),
            Figure(
                what=Words("8-bit labels, texts made to go wrong", "8 位标签相同，刁难文本"),
                at="int8_agreement_made",
                unit="%",
            ),
        ),
        measures=(*SERVED, "src/argosy/serve"),
    ),
    Claim(
        script="inference.predict",
        says=Words("labelling a file keeps the engine's pace in bounded memory", "标注文件保持引擎速度且内存有界"),
        against=Words("the same engine asked for the whole list", "同一引擎一次处理整个列表"),
        minutes=3,
        figures=(
            Figure(what=Words("pace", "速度"), at="ratio", unit="×", goal=">= 0.95"),
            Figure(what=Words("same labels", "相同标签"), at="agreement", unit="%", goal="= 1", of="rows"),
            Figure(what=Words("peak memory, by rows", "内存峰值（按行数）"), at="peak_mb/*", unit="MB"),
        ),
        measures=SERVED,
    ),
    Claim(
        script="inference.edge",
        says=Words("an exported model answers alone within 512 MB", "导出的模型在 512 MB 内独立回答"),
        against=Words("transformers pipeline, one thread, fp32", "transformers pipeline，单线程，fp32"),
        minutes=2,
        figures=(
            Figure(what=Words("peak memory", "内存峰值"), at="peak_mb", unit="MB", goal="<= 512"),
            Figure(what=Words("less memory", "内存少"), at="ratio", unit="×"),
            Figure(what=Words("p50", "p50"), at="p50_ms", unit="ms"),
            Figure(what=Words("p50 of the peer", "对方 p50"), at="peer_p50_ms", unit="ms"),
            Figure(what=Words("on disk", "磁盘"), at="size_mb", unit="MB"),
        ),
        measures=SERVED,
    ),
    Claim(
        script="inference.generate",
        says=Words("greedy generation, the same tokens", "贪心生成，词元相同"),
        against=Words("transformers generate, the same model in torch", "transformers generate，同一 torch 模型"),
        minutes=3,
        figures=(
            Figure(what=Words("torch engine, tokens/s", "torch 引擎 词元/秒"), at="ratio", unit="×", goal=">= 1"),
            Figure(what=Words("torch engine", "torch 引擎"), at="torch_tokens_per_second", unit="tokens/s"),
            Figure(what=Words("transformers", "transformers"), at="peer_tokens_per_second", unit="tokens/s"),
            Figure(what=Words("GGUF engine", "GGUF 引擎"), at="gguf_tokens_per_second", unit="tokens/s"),
        ),
        measures=SERVED,
    ),
)
