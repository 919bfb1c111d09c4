"""The charts of a market: opportunities, the perceptual map, share of voice, segments, positions, sizes."""

from argosy.evaluate.intervals import Interval
from argosy.venture.market.page import drawing
from argosy.venture.market.page.words import Told, figure, money, percent, whole_percent
from argosy.web.charts.axis import Axis, steps
from argosy.web.charts.chart import Caption, Chart
from argosy.web.charts.ladder import Reach, intervals

_POSITIONS = 8
_TOP = 10.0


def opportunity(told: Told) -> Chart | None:
    """Needs by importance and satisfaction; what is worth doing lies to the lower right. None without satisfaction."""
    t, study = told.t, told.study
    spots = [
        drawing.Spot(
            name=one.need,
            x=one.importance.value,
            y=one.satisfaction.value,
            kind="main" if one.score and one.score.value > _TOP else "hollow",
            told=t("{need}: opportunity {score}").format(need=one.need, score=figure(one.score)),
            along=(one.importance.low, one.importance.high),
            across=(one.satisfaction.low, one.satisfaction.high),
        )
        for one in study.opportunities
        if one.satisfaction is not None
    ]
    if not spots:
        return None
    axes = drawing.Plane(x=_tens(t("importance →")), y=_tens(t("↑ satisfaction")), height=300)
    guides = [drawing.Guide(begin=(5, 0), end=(10, 10)), drawing.Guide(begin=(0, 0), end=(10, 10))]
    caption = Caption(
        name="opportunity",
        title=t("Opportunities: what matters and is not met"),
        told=t("Right of the steep line the opportunity score is above 10; left of the other one, needs are overserved."
               " Lines through a point are 95 % intervals."),
        series=t("need"),
    )  # fmt: skip
    legend = (("main", t("opportunity above 10")), ("hollow", t("below")))
    return drawing.plane(caption, axes, spots, guides, legend)


def perceptual(told: Told) -> Chart | None:
    """Brands and needs on the first two axes; None where there is no map."""
    t, found = told.t, told.study.map
    if not found.places:
        return None
    spots = [
        drawing.Spot(
            name=one.name,
            x=one.x,
            y=one.y,
            kind=("main" if one.name == told.study.own else "other") if one.brand else "hollow",
            told=t("{name}: the map holds {quality} of its distance").format(
                name=one.name, quality=whole_percent(one.quality)
            ),
            outline=None
            if one.ellipse is None or not one.brand
            else (one.ellipse.long, one.ellipse.short, one.ellipse.angle),
        )
        for one in found.places
    ]
    name = t("axis {number}: {share} of the differences")
    one, two = (name.format(number=at + 1, share=whole_percent(found.explained[at])) for at in range(2))
    axes = drawing.equal((one, [spot.x for spot in spots]), (two, [spot.y for spot in spots]), 330)
    chance = t("Brands shuffled among the texts make as clear a map in {chance} of draws.").format(
        chance=f"{100 * found.chance:.1f} %"
    )
    reading = t(
        "Brands near each other are praised for the same needs; a need lies in the direction of brands that are praised"
        " for it more than others. Ellipses hold 95 % of resamples."
    )
    title = t("Perceptual map: which brand is praised for what")
    caption = Caption(name="map", title=title, told=told.both(reading, chance), series=t("name"))
    legend = (("main", t("own brand")), ("other", t("rivals")), ("hollow", t("needs")))
    return drawing.plane(caption, axes, spots, (), legend if told.study.own else legend[1:])


def voice(told: Told) -> Chart | None:
    """Shares of voice by period; None where no times tell them."""
    t, found = told.t, told.study.voice
    if len(found.periods) < 2:  # noqa: PLR2004 - a course has two ends
        return None
    lines = [
        drawing.Course(
            name=one.brand,
            values=tuple(None if each is None else (each.value, each.low, each.high) for each in one.by_period),
            main=one.brand == told.study.own,
        )
        for one in found.brands
        if one.brand in told.study.brands
    ]
    most = max(each[0] for one in lines for each in one.values if each is not None)
    ticks = steps(0, most)
    y = Axis(name=t("share of voice"), low=0, high=ticks[-1], ticks=ticks, words=whole_percent)
    quarter = found.months % 12 != 0
    names = [f"{day:%Y-%m}" if quarter else f"{day:%Y}" for day in found.periods]
    length = t("Each point is {months} months.") if found.months > 1 else t("Each point is a month.")
    caption = Caption(
        name="voice",
        title=t("Share of voice over time"),
        told=" ".join([length.format(months=found.months), *(f"{line}." for line in told.voice()[1:])]),
        series=t("brand"),
    )
    return drawing.courses(caption, y, names, lines)


def segments(told: Told) -> Chart | None:
    """The sizes of the segments with their intervals; None without segments."""
    t, found = told.t, told.study.segmented.segments
    if not found:
        return None
    reaches = [_reached(told.segment(at), one.size, percent(one.size)) for at, one in enumerate(found)]
    ticks = steps(0, max(one.size.high for one in found))
    axis = Axis(name=t("share of customers"), low=0, high=ticks[-1], ticks=ticks, words=whole_percent)
    return intervals(Caption(name="segments", title=t("Segments by need"), series=t("segment")), axis, reaches)


def positions(told: Told) -> Chart | None:
    """The best candidates' scores with their intervals; None without candidates."""
    t, found = told.t, told.study.positions.candidates[:_POSITIONS]
    if not found:
        return None
    reaches = [
        _reached(told.position(one), one.score, figure(one.score, 2), main=not at) for at, one in enumerate(found)
    ]
    ticks = steps(min(one.score.low for one in found), max(one.score.high for one in found))
    axis = Axis(name=t("score"), low=ticks[0], high=ticks[-1], ticks=ticks, words=lambda value: f"{value:g}")
    caption = Caption(name="positions", title=t("Candidate positions by score"), series=t("position"))
    return intervals(caption, axis, reaches)


def size(told: Told) -> Chart | None:
    """TAM, SAM and SOM; None where nothing was sized."""
    t, found = told.t, told.study.size
    if found is None:
        return None
    names = (t("TAM: all who need it"), t("SAM: who can be served"), t("SOM: who can be won"))
    amounts = [
        drawing.Circle(
            name=name,
            value=float(one.value),
            told=money(one.value),
            range=f"{money(one.low)} – {money(one.high)}",
        )
        for name, one in zip(names, found.money, strict=True)
    ]
    title = t("The market a year, in {currency}").format(currency=found.currency)
    return drawing.circles(
        Caption(name="size", title=title, told=t("Below each: all ranges at their ends."), series=t("part")), amounts
    )


def _tens(name: str) -> Axis:
    ticks = tuple(float(tick) for tick in range(0, 11, 2))
    return Axis(name=name, low=0, high=_TOP, ticks=ticks, words=lambda value: f"{value:g}")


def _reached(name: str, one: Interval, told: str, *, main: bool = False) -> Reach:
    return Reach(name=name, value=one.value, low=one.low, high=one.high, told=told, main=main)
