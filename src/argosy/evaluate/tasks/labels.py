"""The metrics of one label a row, and of several."""

import numpy as np

from argosy.evaluate.metrics import Floats, Integers, Measured, Ratios, Undefined, accuracy, f1, macro_f1, mean
from argosy.evaluate.ranks import Booleans, average_precision, macro, roc_auc

THRESHOLD = 0.5
NO_LABEL = Undefined(reason="No row has a label, and none was predicted.")


def classify(truth: Integers, scores: Floats) -> dict[str, Measured | Undefined]:
    """One label a row: label numbers [rows] and scores [rows, labels]; the highest score is the prediction.

    Macro F1 counts the labels that occur or are predicted; ROC-AUC and PR-AUC (average precision) are the mean over the
    labels, one against the rest, of those that occur. Micro F1 of one label a row is accuracy, so it isn't told twice.
    """
    true = truth[:, None] == np.arange(scores.shape[1])
    return {
        "accuracy": accuracy(truth, scores),
        "macro_f1": macro_f1(truth, scores),
        "roc_auc": macro(roc_auc, true, scores),
        "pr_auc": macro(average_precision, true, scores),
    }


def multi_label(truth: Booleans, scores: Floats) -> dict[str, Measured | Undefined]:
    """Any number of labels a row: marks [rows, labels] and scores [rows, labels], predicted from 0.5 on.

    Macro F1 counts the labels that occur or are predicted, ROC-AUC and PR-AUC those that some rows have and some lack.
    """
    true, predicted = truth.astype(bool), scores >= THRESHOLD
    some = bool(true.any() or predicted.any())
    columns = f1(true, predicted)
    micro = Ratios(over=columns.over.sum(axis=1, keepdims=True), under=columns.under.sum(axis=1, keepdims=True))
    return {
        "subset_accuracy": mean((true == predicted).all(axis=1)),
        "macro_f1": columns if some else NO_LABEL,
        "micro_f1": micro if some else NO_LABEL,
        "roc_auc": macro(roc_auc, true, scores),
        "pr_auc": macro(average_precision, true, scores),
    }
