"""What is claimed of a recommender's speed."""

from benchmarks.claim import Claim, Figure, Words

LATENCY = Claim(
    script="recommend.latency",
    says=Words(
        "a list over 100,000 items takes milliseconds, also over HTTP with keys, limits and a durable log",
        "十万物品的推荐列表只需数毫秒，带密钥、限额与持久日志的 HTTP 服务亦然",
    ),
    against=Words("iALS's products in numpy behind FastAPI, which keeps nothing", "FastAPI 加 numpy 的 iALS，不作记录"),
    minutes=8,
    figures=(
        Figure(what=Words("a list in the process, p50", "进程内列表 p50"), at="inside/p50", unit="ms"),
        Figure(what=Words("a list in the process, p99", "进程内列表 p99"), at="inside/p99", unit="ms", goal="<= 20"),
        Figure(
            what=Words("lists a second, sold", "每秒列表数，付费"),
            at="sold/closed/per_s",
            unit="/s",
            goal=">= 300",
            stretch=">= 500",
        ),
        Figure(
            what=Words("p99 at 300 a second, sold", "每秒 300 次时的 p99，付费"),
            at="sold/steady/p99",
            unit="ms",
            goal="<= 20",
        ),
        Figure(what=Words("lists a second, open", "每秒列表数，开放"), at="open/closed/per_s", unit="/s"),
        Figure(what=Words("p99 at 300 a second, open", "每秒 300 次时的 p99，开放"), at="open/steady/p99", unit="ms"),
        Figure(what=Words("lists a second, peer", "每秒列表数，对照"), at="peer/closed/per_s", unit="/s"),
    ),
    measures=(
        "src/argosy/recommend/live",
        "src/argosy/recommend/ranking",
        "src/argosy/recommend/nearest.py",
        "src/argosy/project/recommending/live.py",
        "src/argosy/serve/routes/recommend_api.py",
    ),
)
