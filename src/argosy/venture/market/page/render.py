"""The page of a market: one file that needs nothing else, for a phone, a screen or paper."""

from collections.abc import Sequence
from pathlib import Path

from argosy.evaluate.intervals import Interval
from argosy.venture.figures import Figure
from argosy.venture.market.page import charts
from argosy.venture.market.page.words import Told, Translate, figure, money, percent, probability, whole_percent
from argosy.venture.market.statement import PARTS, Proof
from argosy.venture.market.study import Material, Study
from argosy.web.page import environment

_DRAWN = (charts.opportunity, charts.perceptual, charts.voice, charts.segments, charts.positions, charts.size)
_SPACES, _CANDIDATES, _TELLING, _BRANDS = 10, 8, 5, 20
Rows = list[tuple[str, ...]]


def page(study: Study, material: Material, t: Translate, language: str) -> str:
    """The page in ``en`` or ``zh``, its phrases put through ``t``."""
    told = Told(study=study, t=t)
    template = environment(Path(__file__).parent, language, t).get_template("market.html")
    return template.render(
        told=told,
        study=study,
        material=material,
        sentence=told.sentence(),
        facts=_facts(told, material),
        notes=[t(one) for one in study.notes],
        plots={draw.__name__: draw(told) for draw in _DRAWN},
        needs=_needs(told),
        quotes=[(one.name, one.quote, ", ".join(one.shown)) for one in study.mined.needs if one.quote],
        feelings=_feelings(told),
        segments=_segments(told),
        spaces=_spaces(told),
        voice=_voice(told),
        positions=_positions(told),
        criteria=[told.criterion(name) for name in study.positions.weights],
        weights=", ".join(
            f"{told.criterion(name)} {whole_percent(one)}" for name, one in study.positions.weights.items()
        ),
        claims=_claims(told),
        left_out=told.left_out(),
        size=_size(told),
        figures=_origins(t, _given(study, material)),
    )


def _facts(told: Told, material: Material) -> list[tuple[str, str, str]]:
    t, study, left = told.t, told.study, material.account.left
    gone = t("{rows} rows read; {empty} without a text and {twins} twice left out").format(
        rows=f"{material.account.rows:,}", empty=left["empty"], twins=left["twin"]
    )
    return [
        (t("texts"), f"{len(study.mined.voices):,}", gone),
        (t("brands"), str(len(study.voice.brands)), ", ".join(study.brands)),
        (t("needs"), str(len(study.mined.needs)), _embedded(t, material.encoder)),
        (t("segments"), str(len(study.segmented.segments)), _stable(told)),
    ]


def _embedded(t: Translate, encoder: str) -> str:
    return t("found by shared words") if encoder == "words" else t("found by {encoder}").format(encoder=encoder)


def _stable(told: Told) -> str:
    if not told.study.segmented.segments:
        return ""
    return told.t("found again in resamples: {share}").format(share=f"{told.study.segmented.stability:.2f}")


def _needs(told: Told) -> Rows:
    return [
        (one.need, percent(one.spoken), figure(one.importance), figure(one.satisfaction), figure(one.score))
        for one in told.study.opportunities
    ]


def _feelings(told: Told) -> tuple[list[str], Rows]:
    """Satisfaction by need and brand, from 0 to 10."""
    brands = list(told.study.brands)
    cells = {
        (one.need, one.brand): "–" if one.felt is None else figure(_tens(one.felt)) for one in told.study.sentiments
    }
    return brands, [(one.need, *(cells[one.need, brand] for brand in brands)) for one in told.study.opportunities]


def _tens(felt: Interval) -> Interval:
    low, value, high = (5 * (end + 1) for end in (felt.low, felt.value, felt.high))
    return Interval(value=value, low=low, high=high)


def _segments(told: Told) -> list[dict[str, object]]:
    t, names = told.t, [one.name for one in told.study.mined.needs]
    share = t("{need}: {share} of what they speak of")
    return [
        {
            "name": told.segment(at),
            "size": percent(one.size),
            "change": ""
            if one.change is None
            else f"{100 * one.change.value:+.0f} [{100 * one.change.low:+.0f}, {100 * one.change.high:+.0f}]",
            "needs": [
                share.format(need=names[need], share=whole_percent(one.needs[need])) for need in one.telling[:_TELLING]
            ],
            "traits": [
                t("{attribute} {value}: {here}, of all {all}").format(
                    attribute=trait.attribute,
                    value=trait.value,
                    here=whole_percent(trait.here),
                    all=whole_percent(trait.all),
                )
                for trait in one.traits[:_TELLING]
            ],
        }
        for at, one in enumerate(told.study.segmented.segments)
    ]


def _spaces(told: Told) -> Rows:
    words = {"sure": told.t("surely open"), "likely": told.t("likely open"), "no": told.t("not open")}
    return [
        (
            one.need,
            figure(one.importance),
            "–" if one.best is None else f"{one.best} {figure(one.satisfaction)}",
            figure(one.score),
            "–" if one.concentration is None else f"{one.concentration.value:.2f}",
            words[one.open],
        )
        for one in told.study.spaces[:_SPACES]
    ]


def _voice(told: Told) -> Rows:
    found: Rows = []
    for one in told.study.voice.brands[:_BRANDS]:
        trend = one.trend
        change = "–"
        if trend is not None:
            low, high = (f"{100 * end:+.1f}" for end in (trend.change.low, trend.change.high))
            change = f"{100 * trend.change.value:+.1f} [{low}, {high}]"
        chance = (
            "–"
            if trend is None
            else probability(trend.chance).removeprefix("p = ").removeprefix("p ") + (" ✓" if trend.sure else "")
        )
        found.append((one.brand, f"{one.voices:,}", percent(one.share), change, chance))
    return found


def _positions(told: Told) -> Rows:
    found, doubt = told.study.positions, told.study.sensitivity
    if doubt is None:
        return []
    return [
        (
            told.position(one),
            f"{one.score.value:.2f}",
            *(f"{one.criteria[name].value:.2f}" for name in found.weights),
            whole_percent(float(doubt.first[at])),
            whole_percent(float(found.first[at])),
        )
        for at, one in enumerate(found.candidates[:_CANDIDATES])
    ]


def _claims(told: Told) -> list[dict[str, object]]:
    found = told.study.statement
    if found is None:
        return []
    return [
        {
            "part": told.part(part),
            "names": told.listed(claim.names),
            "proofs": [_proof(told, proof) for proof in claim.proofs],
            "quotes": claim.quotes,
        }
        for part in PARTS
        if (claim := found.claims[part]).names
    ]


def _proof(told: Told, proof: Proof) -> str:
    one = proof.figure
    what = told.proof(proof.what)
    name = f"{what} ({proof.of})" if proof.of else what
    if proof.what in ("satisfaction", "difference"):
        words = figure(one)
    else:
        words = whole_percent(one.value) if one.low == one.high else percent(one)
    if proof.origin is None:
        return f"{name}: {words}"
    day = f", {proof.origin.day}" if proof.origin.day else ""
    return f"{name}: {words} – {_kind(told.t, proof.origin.kind)}: {proof.origin.where}{day}"


def _size(told: Told) -> Rows:
    if told.study.size is None:
        return []
    return [
        (one.name, f"{one.customers[0].value:,.0f}", *(money(each.value) for each in one.money))
        for one in told.study.size.lines
    ]


def _given(study: Study, material: Material) -> list[Figure]:
    sized = [] if study.size is None else [figure for line in study.size.lines for figure in line.figures]
    return list({one.name: one for one in (*sized, *material.figures)}.values())


def _origins(t: Translate, some: Sequence[Figure]) -> Rows:
    return [
        (
            one.name.removeprefix("market.").replace(".", " · "),
            f"{one.value.normalize():,f} {one.unit.text}",
            "–" if one.low is None or one.high is None else f"{one.low.normalize():,f} – {one.high.normalize():,f}",
            _kind(t, one.origin.kind),
            one.origin.where + (f" ({one.origin.day})" if one.origin.day else ""),
        )
        for one in some
    ]


def _kind(t: Translate, kind: str) -> str:
    return {"measured": t("measured"), "sourced": t("sourced"), "assumed": t("assumed")}[kind]
