"""Computes metrics with scikit-learn, scipy and, where it is installed, seqeval.

usage: metrics_oracle.py CASES OUTPUT

CASES is a JSON array of objects: {"kind": "labels", "predicted", "truth", "classes"}, {"kind":
"scores", "predicted", "truth"} or {"kind": "entities", "predicted", "truth"}. OUTPUT becomes an
array of objects from metric to value; NaN is null. Exits with 77 when scikit-learn or scipy cannot
be imported.
"""

import json
import math
import sys
import warnings

try:
    from scipy.stats import pearsonr, spearmanr
    from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, matthews_corrcoef
except ImportError as error:
    print(error)
    sys.exit(77)
try:
    from seqeval.metrics import f1_score as entity_f1_score
except ImportError:
    entity_f1_score = None


def labels(case):
    truth, predicted, classes = case["truth"], case["predicted"], range(case["classes"])
    if len(classes) == 2:
        f1 = f1_score(truth, predicted, average="binary", pos_label=1, zero_division=0)
    else:
        f1 = f1_score(truth, predicted, labels=list(classes), average="macro", zero_division=0)
    return {
        "accuracy": accuracy_score(truth, predicted),
        "f1": f1,
        "matthews": matthews_corrcoef(truth, predicted),
        "confusion": confusion_matrix(truth, predicted, labels=list(classes)).tolist(),
    }


def scores(case):
    return {
        "pearson": pearsonr(case["predicted"], case["truth"]).statistic,
        "spearman": spearmanr(case["predicted"], case["truth"]).statistic,
    }


def entities(case):
    if entity_f1_score is None:
        return {}
    return {"f1": entity_f1_score(case["truth"], case["predicted"])}


def without_nan(values):
    return {name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in values.items()}


def main(cases, output):
    warnings.simplefilter("ignore")
    kinds = {"labels": labels, "scores": scores, "entities": entities}
    with open(cases, encoding="utf-8") as file:
        results = [without_nan(kinds[case["kind"]](case)) for case in json.load(file)]
    with open(output, "w", encoding="utf-8") as file:
        json.dump(results, file, default=float)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
