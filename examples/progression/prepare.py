"""Make patients.csv: 442 patients, ten measurements each, and how far their diabetes had gone a year later.

The rows are those of Efron, Hastie, Johnstone and Tibshirani, "Least angle regression" (Annals of Statistics 2004), in
their own units, as scikit-learn carries them (its licence is BSD-3-Clause; the authors state none for the rows).
Nothing is downloaded, and the file is not to be passed on.
"""

import csv
import sys
from pathlib import Path

from sklearn.datasets import load_diabetes

COLUMNS = (
    "age",
    "sex",
    "bmi",
    "blood_pressure",
    "cholesterol",
    "ldl",
    "hdl",
    "cholesterol_ratio",
    "log_triglycerides",
    "glucose",
)


def main(folder: Path) -> None:
    """Write the file into ``folder``."""
    found = load_diabetes(scaled=False)
    with (folder / "patients.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, "progression"])
        writer.writerows([*row, target] for row, target in zip(found.data.tolist(), found.target.tolist(), strict=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
