"""The tuned model in plain transformers; the folder is the project's ``model``."""

import sys
from pathlib import Path

from transformers import pipeline

classify = pipeline("text-classification", str(Path(sys.argv[1]) / "model"))
print(classify(["broke after a day"]))
