"""The kinds of personal data that are looked for."""

from typing import Literal, get_args

Ruled = Literal[
    "resident_id",
    "phone",
    "bank_card",
    "uscc",
    "passport",
    "plate",
    "email",
    "credentials",
    "ip",
    "iban",
    "ssn",
]
"""What a rule finds."""
GUESSED = ("name", "address")
"""What only a recogniser finds that is handed in."""
KINDS: tuple[str, ...] = (*get_args(Ruled), *GUESSED)
