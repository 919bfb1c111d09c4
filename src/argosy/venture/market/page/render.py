"""The page of a market: one file that needs nothing else, for a phone, a screen or paper."""

from argosy.venture.market.page.words import Translate
from argosy.venture.market.study import Material, Study


def page(study: Study, material: Material, t: Translate, language: str) -> str:
    """The page with its phrases put through ``t``."""
    return ""
