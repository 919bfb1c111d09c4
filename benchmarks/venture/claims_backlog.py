"""What is claimed of the cost of serving where requests have to wait."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words


def shapes(one: Found) -> Iterator[list[str]]:
    """Each shape of load: foretold and actual cost, and the shares within the bound."""
    for name, found in one["shapes"].items():
        yield [
            name,
            f"{found['predicted']:.5f}",
            f"{found['actual']:.5f}",
            f"{found['error']:+.1%}",
            f"{found['within_expected']:.1%}",
            f"{found['within_actual']:.1%}",
        ]


BACKLOG = Claim(
    script="venture.backlog",
    says=Words(
        "what 1,000 requests within 100 ms cost is foretold from the load curve, even where bursts exceed the server",
        "每千次 100 毫秒内回答的请求的成本可由负载曲线预测，突发超过服务能力时也一样",
    ),
    against=Words("the same loads, asked of the real server", "对真实服务施加同样的负载"),
    minutes=7,
    figures=(
        Figure(
            what=Words("error on a steady load", "平稳负载的误差"),
            at="shapes/steady/error",
        ),
        Figure(
            what=Words("error on a day's wave", "一日起伏负载的误差"),
            at="shapes/wave/error",
        ),
        Figure(
            what=Words("error on bursts above what the server can answer", "超过服务能力的突发负载的误差"),
            at="shapes/bursts/error",
        ),
        Figure(
            what=Words("largest error of the three", "三者中最大的误差"),
            at="largest_error",
            goal="<= 0.1",
        ),
    ),
    lists=(
        List(
            title=Words(
                "Cost of 1,000 requests within the bound, foretold and actual", "每千次达标请求的成本：预测与实际"
            ),
            columns=(
                Words("load", "负载"),
                Words("foretold", "预测"),
                Words("actual", "实际"),
                Words("error", "误差"),
                Words("within the bound, foretold", "达标比例（预测）"),
                Words("within the bound, actual", "达标比例（实际）"),
            ),
            rows=shapes,
        ),
    ),
    measures=(
        "src/argosy/venture/compute",
        "src/argosy/project/venturing/loads.py",
        "src/argosy/project/using/arrivals.py",
        "src/argosy/infer",
        "src/argosy/serve",
    ),
)
