"""What is claimed of the cost of serving."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words


def shapes(one: Found) -> Iterator[list[str]]:
    """Each shape of load: the rate, and the cost of 1,000 requests at 1 an hour, as predicted and as it came."""
    for name, row in one["shapes"].items():
        yield [
            name,
            f"{row['rate']:.0f}",
            f"{row['predicted']:.6f}",
            f"{row['actual']:.6f}",
            f"{100 * row['error']:.1f} %",
            f"{100 * row['within']:.1f} %",
            f"{row['busy_predicted']:.2f}",
            f"{row['busy']:.2f}",
        ]


COMPUTE = Claim(
    script="venture.compute_cost",
    says=Words(
        "the cost of 1,000 requests, idle hours included, is what was predicted from the load curve",
        "每 1,000 个请求的成本（含空闲）与由负载曲线预测的一致",
    ),
    against=Words("the same server under that load, a day in 48 s", "同一服务器在该负载下，48 秒代表一天"),
    minutes=10,
    figures=(
        Figure(what=Words("capacity within 100 ms", "100 毫秒内的容量"), at="capacity/rate", unit="requests/s"),
        Figure(
            what=Words("error of the cost, the worst of three shapes", "成本误差，三种形状中最差"),
            at="shapes/*/error",
            goal="<= 0.10",
        ),
        Figure(
            what=Words("error of the processor's time, the worst of three", "处理器时间误差，三种中最差"),
            at="shapes/*/busy_error",
        ),
    ),
    lists=(
        List(
            title=Words("Predicted and actual cost", "预测与实际成本"),
            columns=(
                Words("shape", "形状"),
                Words("requests/s on average", "平均每秒请求"),
                Words("predicted, at 1 an hour", "预测，每小时 1"),
                Words("actual", "实际"),
                Words("error", "误差"),
                Words("within the bound", "在界限内"),
                Words("processor s of 1,000, predicted", "每 1,000 个的处理器秒，预测"),
                Words("actual", "实际"),
            ),
            rows=shapes,
        ),
    ),
    measures=(
        "src/argosy/venture/compute",
        "src/argosy/project/venturing/loads.py",
        "src/argosy/project/using/arrivals.py",
    ),
)
