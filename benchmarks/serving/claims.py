"""What is claimed of the service under load and under attack."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words

SERVED = ("src/argosy/infer", "src/argosy/compress", "src/argosy/serve")


def attacks(one: Found) -> Iterator[list[str]]:
    """What good clients felt beside each attack, and what the attacker got."""
    yield ["–", str(one["alone"]["per_s"]), str(one["alone"]["p50_ms"]), str(one["alone"]["p99_ms"]), "–"]
    for name, found in one["attacks"].items():
        got = ", ".join(f"{what} {count:,}" for what, count in found["attacker"].items())
        yield [name.replace("_", " "), str(found["per_s"]), str(found["p50_ms"]), str(found["p99_ms"]), got]


def shadows(one: Found) -> Iterator[list[str]]:
    """Challengers in the shadow, by how often they and the champion disagree."""
    for name, found in one["shadow"].items():
        worse = f"{found['three_points_worse_passed']} / {found['runs']:,}"
        yield [name, f"{found['rows_stated']:,}", worse, f"{found['as_good_passed_share']:.0%}"]


CLAIMS = (
    Claim(
        script="serving.serving",
        says=Words("requests a second over HTTP, 32 connections", "HTTP 每秒请求数，32 个连接"),
        against=Words(
            "FastAPI + pipeline and LitServe with torch fp32; LitServe around our engine",
            "FastAPI + pipeline、LitServe（torch fp32）；用我们引擎的 LitServe",
        ),
        minutes=9,
        figures=(
            Figure(
                what=Words("against FastAPI + pipeline", "对比 FastAPI + pipeline"),
                at="pipeline_ratio",
                unit="×",
                goal=">= 9",
                stretch=">= 14",
                rounds="rounds/pipeline",
            ),
            Figure(
                what=Words("with keys, limits and meter, against FastAPI + pipeline", "收费时对比 FastAPI + pipeline"),
                at="sold_pipeline_ratio",
                unit="×",
                goal=">= 9",
                stretch=">= 14",
            ),
            Figure(
                what=Words("against LitServe, tuned", "对比调优的 LitServe"),
                at="ratio",
                unit="×",
                goal=">= 1.5",
                stretch=">= 2.5",
                rounds="rounds/litserve",
            ),
            Figure(
                what=Words("against LitServe around the same engine", "对比用同一引擎的 LitServe"),
                at="same_engine_ratio",
                unit="×",
            ),
            Figure(what=Words("failed requests", "失败的请求"), at="failed", goal="= 0"),
            Figure(what=Words("throughput kept when it sells", "收费时保留的吞吐量"), at="sold_share", unit="%"),
            Figure(what=Words("requests/s, open", "开放时每秒请求数"), at="per_s/argosy"),
            Figure(what=Words("requests/s, selling", "收费时每秒请求数"), at="per_s/argosy-sold"),
            Figure(what=Words("p99, open", "开放时 p99"), at="p99_ms/argosy", unit="ms"),
            Figure(what=Words("p99 of the pipeline", "pipeline 的 p99"), at="p99_ms/pipeline", unit="ms"),
            Figure(
                what=Words("p99 of short texts alone", "单独时短文本的 p99"),
                at="head_of_line/short_p99_alone",
                unit="ms",
            ),
            Figure(
                what=Words("p99 of short texts beside a thousand long ones", "旁有一千条长文本时短文本的 p99"),
                at="head_of_line/short_p99_beside_long",
                unit="ms",
            ),
            Figure(what=Words("the pipeline's labels", "与 pipeline 相同的标签"), at="agreement_with_peer", unit="%"),
        ),
        measures=(*SERVED, "src/argosy/store", "src/argosy/project/selling"),
    ),
    Claim(
        script="serving.memory",
        says=Words("memory and start-up of the serving process", "服务进程的内存和启动"),
        against=Words("FastAPI + transformers pipeline, torch fp32", "FastAPI + transformers pipeline，torch fp32"),
        minutes=1,
        figures=(
            Figure(
                what=Words("less memory", "内存少"),
                at="ratio",
                unit="×",
                goal=">= 4",
                stretch=">= 8",
                rounds="rounds_ratio",
            ),
            Figure(what=Words("sooner to the first answer", "首个回答更快"), at="startup_ratio", unit="×", goal=">= 5"),
            Figure(what=Words("start to first answer", "启动到首个回答"), at="startup_s", unit="s", stretch="<= 1"),
            Figure(what=Words("memory", "内存"), at="mb", unit="MB"),
            Figure(what=Words("memory of the peer", "对方的内存"), at="peer_mb", unit="MB"),
        ),
        measures=SERVED,
    ),
    Claim(
        script="serving.abuse",
        says=Words("good clients are answered while others abuse the service", "有人滥用时，正常客户端照常得到回答"),
        against=Words("the same clients alone", "同样的客户端，无人滥用"),
        minutes=6,
        figures=(
            Figure(what=Words("good requests that failed", "失败的正常请求"), at="failed", goal="= 0"),
            Figure(what=Words("answers that were a 500", "状态为 500 的回答"), at="internal_errors", goal="= 0"),
            Figure(what=Words("alive at the end", "最后仍在运行"), at="alive", goal="= 1"),
            Figure(what=Words("p99 alone", "单独时 p99"), at="alone/p99_ms", unit="ms"),
            Figure(what=Words("p99 beside each attack", "各种攻击下 p99"), at="attacks/*/p99_ms", unit="ms"),
        ),
        measures=("src/argosy/serve",),
        lists=(
            List(
                title=Words("Under attack", "受攻击时"),
                columns=(
                    Words("attack", "攻击"),
                    Words("good answers/s", "正常回答/秒"),
                    Words("p50 ms", "p50 毫秒"),
                    Words("p99 ms", "p99 毫秒"),
                    Words("the attacker saw", "攻击者看到"),
                ),
                rows=attacks,
            ),
        ),
    ),
    Claim(
        script="serving.canary",
        says=Words("a canary that hurts is rolled back", "有害的金丝雀版本会被回滚"),
        against=Words("60 s allowed; Fisher's exact test every second", "允许 60 秒；每秒一次 Fisher 精确检验"),
        minutes=7,
        figures=(
            Figure(what=Words("until rolled back", "回滚用时"), at="live/*/*/seconds", unit="s", goal="<= 60"),
            Figure(what=Words("requests reached", "触及的请求"), at="live/*/*/share", unit="%", goal="<= 0.01"),
            Figure(what=Words("requests dropped", "丢弃的请求"), at="dropped", goal="= 0"),
            Figure(
                what=Words("harmless canaries rolled back", "被误回滚的无害版本"),
                at="harmless/share",
                unit="%",
                goal="<= 0.01",
                of="harmless/runs",
            ),
            Figure(
                what=Words("three points worse, yet let out", "差三个百分点仍放行"),
                at="shadow/*/three_points_worse_passed",
                goal="= 0",
            ),
            Figure(
                what=Words("Fisher's test would roll back", "Fisher 检验会误回滚"), at="harmless/fisher_share", unit="%"
            ),
        ),
        measures=("src/argosy/serve", "src/argosy/evaluate", "src/argosy/store/releases.py"),
        lists=(
            List(
                title=Words("Out of the shadow", "走出影子"),
                columns=(
                    Words("labels", "标签"),
                    Words("rows stated", "声明的行数"),
                    Words("3 points worse, yet let out", "差 3 个百分点仍放行"),
                    Words("as good, let out at that many rows", "同样好且在该行数放行"),
                ),
                rows=shadows,
            ),
        ),
    ),
)
