"""What is claimed of the venture's arithmetic, against authorities."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words


def rows(one: Found) -> Iterator[list[str]]:
    """Each figure as printed, exactly, and where the authority's own rounding of the exact one ends."""
    for row in one["rows"]:
        yield [row["source"], row["what"], row["printed"], row["exact"], f"{row['decimal']:,.6f}", row["as"]]


GOLDEN = Claim(
    script="venture.golden",
    says=Words(
        "every printed figure of the authorities is met; where they round on their way, the exact one stands beside it",
        "权威资料印出的每个数字都吻合；它们中途取整之处，旁边给出精确值",
    ),
    against=Words(
        "figures printed by Y Combinator, Cooley, numpy-financial and papers",
        "Y Combinator、Cooley、numpy-financial 与论文印出的数字",
    ),
    minutes=1,
    figures=(
        Figure(what=Words("figures held against their authority", "与权威资料核对的数字"), at="count"),
        Figure(what=Words("figures that agree", "吻合的数字"), at="agree", goal=">= 29"),
    ),
    lists=(
        List(
            title=Words("The golden table", "核对表"),
            columns=(
                Words("authority", "出处"),
                Words("figure", "数字"),
                Words("printed", "印出的值"),
                Words("exact", "精确值"),
                Words("as a decimal", "小数"),
                Words("rounded as the authority does", "按其方式取整"),
            ),
            rows=rows,
        ),
    ),
    measures=("src/argosy/venture/financing", "src/argosy/venture/returns", "src/argosy/venture/compute"),
)
