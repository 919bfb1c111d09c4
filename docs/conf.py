"""Sphinx's settings: Markdown in, one site with an English and a Chinese half out; every warning is an error."""

from argosy import __version__

project = "Argosy"
author = "The Argosy authors"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = False
html_theme = "furo"
html_title = f"Argosy {__version__}"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
