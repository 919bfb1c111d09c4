"""The usual way to serve a classifier, as a program: ``python serving_pipeline.py MODEL PORT``.

FastAPI around the transformers pipeline in fp32, in a plain route, as the tutorials show it.
"""

import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from transformers import pipeline

MAX_LENGTH = 128


class Body(BaseModel):
    """One text."""

    input: str


def main(model: str, port: int) -> None:
    """Until stopped."""
    classify = pipeline("text-classification", model, truncation=True, max_length=MAX_LENGTH, top_k=None)
    app = FastAPI()

    @app.post("/predict")
    def predict(body: Body) -> Any:
        return classify(body.input)

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
