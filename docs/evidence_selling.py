# ruff: noqa: INP001 - beside the script that uses it
"""What the benchmarks of the service that sells found, in one cell each, and the tables that stand below."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Found = Mapping[str, Any]
Row = list[str]


def _billing(one: Found) -> str:
    told = []
    for name, key in (("SQLite", "sqlite"), ("PostgreSQL, two ledgers", "postgresql"), ("HTTP", "http")):
        found = one[key]
        asked = f"{found.get('events', found.get('requests')):,} {'requests' if key == 'http' else 'events'}"
        counts = f"{found['sent']:,} sent, {found['kills']} kills, {found['charged']:,} charged"
        wrong = f"{sum(found['wrong'].values())} lines wrong, {found['gaps']} gaps"
        money = f"invoice error {found['invoice_error']} and overspend {found['overspend']} micro-units"
        told.append(f"{name}: {asked} ({counts}, {found['refused']:,} refused for want of budget): {wrong}, {money}")
    return "; ".join(told)


def _ledger(one: Found) -> str:
    rate, late = one["sqlite"]["settles_per_second"], one["sqlite"]["p99_ms_at_350"]
    return (
        f"SQLite {rate:,} settles/s ({one['ratio']} × {one['peer']}), p99 {late} ms at 350 a second;"
        f" PostgreSQL {one['postgresql']['settles_per_second']:,} settles/s"
    )


def _abuse(one: Found) -> str:
    worst = max(one["attacks"], key=lambda name: one["attacks"][name]["p99_ms"])
    return (
        f"{one['good_per_s']:.0f} good requests a second: p99 {one['alone']['p99_ms']} ms alone,"
        f" {one['attacks'][worst]['p99_ms']} ms beside {worst} at worst; {one['failed']} failed,"
        f" {one['internal_errors']} answers were a 500; the table is below"
    )


def _canary(one: Found) -> str:
    lives = [found for some in one["live"].values() for found in some]
    slowest, reached = max(found["seconds"] for found in lives), max(found["share"] for found in lives)
    false = one["harmless"]
    return (
        f"rolled back within {slowest} s, at most {reached:.2%} of the requests reached, {one['dropped']} dropped;"
        f" of {false['runs']:,} simulated harmless canaries {false['share']:.2%} were rolled back"
        f" (Fisher's test every second: {false['fisher_share']:.0%})"
    )


CELLS: Mapping[str, Callable[[Found], str]] = {
    "billing": _billing,
    "ledger": _ledger,
    "abuse": _abuse,
    "canary": _canary,
}


def attacks(one: Found) -> Iterator[Row]:
    """What good clients felt beside each attack, and what the attacker got."""
    yield ["(none)", str(one["alone"]["per_s"]), str(one["alone"]["p50_ms"]), str(one["alone"]["p99_ms"]), "–"]
    for name, found in one["attacks"].items():
        got = ", ".join(f"{what} {count:,}" for what, count in found["attacker"].items())
        yield [name.replace("_", " "), str(found["per_s"]), str(found["p50_ms"]), str(found["p99_ms"]), got]


def shadows(one: Found) -> Iterator[Row]:
    """Challengers in the shadow, by how often they and the champion disagree."""
    for name, found in one["shadow"].items():
        worse, good = (
            f"{found['three_points_worse_passed']} of {found['runs']:,}",
            f"{found['as_good_passed_share']:.0%}",
        )
        yield [name, f"{found['rows_stated']:,}", worse, good]


TABLES: Mapping[str, tuple[str, tuple[str, ...], Callable[[Found], Iterator[Row]]]] = {
    "abuse": ("Under attack 受攻击时", ("attack", "good answers/s", "p50 ms", "p99 ms", "the attacker saw"), attacks),
    "canary": (
        "Out of the shadow 走出影子",
        ("labels", "rows stated", "3 points worse, yet let out", "as good, let out at that many rows"),
        shadows,
    ),
}
