"""The page of the API's description in a real browser."""

from browsing import chromium, grave_findings, too_wide, visit
from listening import listening

from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.settings import Settings


def test_a_request_is_tried_on_the_page() -> None:
    """Its one script is allowed, in both languages and on a phone, and the answer stands below the form."""
    with listening(create_app({"mood": EchoEngine()}, Settings())) as address, chromium() as browser:
        for language in ("en", "zh"):
            with visit(browser, f"{address}/docs", language=language, theme="dark") as (page, complaints):
                page.click("#try button")
                page.wait_for_selector("#answer >> text=label")
                assert too_wide(page) == []
                assert grave_findings(page) == []
                assert complaints == []
