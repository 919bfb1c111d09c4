"""Write the sample: messages composed of phrases, with the hours that each may wait; seeded, nothing is collected."""

import csv
import random
from pathlib import Path

SEED, ROWS = 7, 300
WHERE = Path(__file__).with_name("src") / "argosy_urgency" / "sample" / "messages.csv"
SAID = {  # phrase: hours
    "the shop is down": 1,
    "nobody can pay": 1,
    "I was charged twice": 4,
    "the parcel is two weeks late": 12,
    "the size does not fit": 24,
    "I would like an invoice": 30,
    "could you add a blue one": 60,
    "thank you for the quick help": 72,
}
BEFORE = ("Hello,", "Good morning,", "Please look at this:", "Hi there,", "Once more:")
AFTER = ("Regards, {n}", "Order {n}.", "Ticket {n}.", "Call me on line {n}.")


def main() -> None:
    """Draw the rows and write them."""
    draw = random.Random(SEED)
    with WHERE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("message", "hours"))
        for _ in range(ROWS):
            phrases = draw.sample(sorted(SAID), draw.randint(1, 2))
            hours = min(SAID[phrase] for phrase in phrases) * draw.uniform(0.8, 1.25)
            text = f"{draw.choice(BEFORE)} {' and '.join(phrases)}. {draw.choice(AFTER)}"
            writer.writerow((text.format(n=draw.randint(100, 999)), round(hours, 1)))


if __name__ == "__main__":
    main()
