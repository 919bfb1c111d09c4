"""Make tumours.csv: 569 breast tumours, ten measurements of their cells' nuclei each, benign or malignant.

The rows are Breast Cancer Wisconsin (Diagnostic), W. Wolberg, O. Mangasarian, N. Street, W. Street, 1993, UCI Machine
Learning Repository, licence CC BY 4.0, as scikit-learn carries them; of the thirty columns the ten means are kept.
Nothing is downloaded.
"""

import csv
import sys
from pathlib import Path

from sklearn.datasets import load_breast_cancer

COLUMNS = 10


def main(folder: Path) -> None:
    """Write the file into ``folder``."""
    found = load_breast_cancer()
    names = [str(name).removeprefix("mean ").replace(" ", "_") for name in found.feature_names[:COLUMNS]]
    with (folder / "tumours.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "diagnosis"])
        for row, target in zip(found.data.tolist(), found.target.tolist(), strict=True):
            writer.writerow([*row[:COLUMNS], found.target_names[target]])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
