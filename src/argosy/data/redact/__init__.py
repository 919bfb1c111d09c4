"""Redaction: personal data is found and taken out before a row is stored, and again before a model reads a text.

Rules with check digits first (python-stdnum, phonenumbers), then forms, then words beside a number; what is found
becomes ``[PHONE]`` (a mask) or ``[PHONE:K7Q2M3XWPA4B]`` (a pseudonym: one value, one token, under one key).
Not found: numbers spelt out in words, addresses and names without a recogniser, and what no rule here is made for.
"""

from argosy.core.personal import KINDS
from argosy.data.redact.find import find, redact
from argosy.data.redact.recognise import chinese_names, presidio, recogniser, together
from argosy.data.redact.redaction import Redaction
from argosy.data.redact.spans import Recognise, Span
from argosy.data.redact.tokens import Pseudonyms, fold_pseudonyms, mask, mask_of

__all__ = [
    "KINDS",
    "Pseudonyms",
    "Recognise",
    "Redaction",
    "Span",
    "chinese_names",
    "find",
    "fold_pseudonyms",
    "mask",
    "mask_of",
    "presidio",
    "recogniser",
    "redact",
    "together",
]
