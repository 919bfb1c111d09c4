"""What is claimed of the bill and of the ledger behind it."""

from benchmarks.claim import Claim, Figure, Words

LEDGER = ("src/argosy/store", "src/argosy/serve/billing", "src/argosy/core")

CLAIMS = (
    Claim(
        script="selling.billing",
        says=Words("the bill is exact under crashes, retries and concurrency", "崩溃、重试和并发下账单精确"),
        against=Words(
            "an oracle in fractions over what clients saw acknowledged", "按客户端所见确认、用分数计算的对照"
        ),
        minutes=12,
        figures=(
            *(
                Figure(what=Words(f"{where}: {en}", f"{where}：{zh}"), at=f"{key}/{at}", unit=unit, goal="= 0")
                for where, key in (("SQLite", "sqlite"), ("PostgreSQL", "postgresql"), ("HTTP", "http"))
                for en, zh, at, unit in (
                    ("error of the invoice", "发票误差", "invoice_error", "micro-units"),
                    ("overspend", "超支", "overspend", "micro-units"),
                    ("wrong lines", "错误的明细", "wrong/*", ""),
                )
            ),
            Figure(what=Words("SQLite: events", "SQLite：事件"), at="sqlite/events", goal=">= 1000000"),
            Figure(what=Words("SQLite: kills", "SQLite：杀进程次数"), at="sqlite/kills", goal=">= 100"),
            Figure(what=Words("PostgreSQL, two ledgers: events", "PostgreSQL 两个账本：事件"), at="postgresql/events"),
            Figure(what=Words("HTTP: requests", "HTTP：请求"), at="http/requests", goal=">= 20000"),
        ),
        measures=(*LEDGER, "src/argosy/project/selling"),
    ),
    Claim(
        script="selling.ledger",
        says=Words("durable settles a second with 256 waiters on SQLite", "SQLite 上 256 个等待者的每秒持久结算数"),
        against=Words("sqlite3, one row a commit", "sqlite3，一次提交一行"),
        minutes=3,
        figures=(
            Figure(what=Words("settles a second", "每秒结算"), at="sqlite/settles_per_second", goal=">= 3000"),
            Figure(
                what=Words("p99 at 350 a second", "每秒 350 次时 p99"),
                at="sqlite/p99_ms_at_350",
                unit="ms",
                goal="<= 25",
            ),
            Figure(
                what=Words("PostgreSQL, settles a second", "PostgreSQL 每秒结算"), at="postgresql/settles_per_second"
            ),
            Figure(
                what=Words("processor time an event", "每个事件的处理器时间"),
                at="sqlite/processor_us_per_event_at_350",
                unit="µs",
            ),
            Figure(
                what=Words("the peer, rows a second, by rows a commit", "对照：每秒行数"), at="peer_rows_per_second/*"
            ),
        ),
        measures=LEDGER,
    ),
)
