"""Fits the loss law of Hoffmann et al. with scipy.

usage: loss_law_oracle.py CASES OUTPUT

CASES is a JSON array of lists of [parameters, tokens, loss]. OUTPUT becomes an array of objects
with the smallest sum of Huber losses ("misfit") and the law's loss of 2 M parameters and 5 M tokens
("inside"). Exits with 77 when numpy or scipy cannot be imported.
"""

import json
import sys

try:
    import numpy as np
    from scipy.optimize import least_squares
except ImportError as error:
    print(error)
    sys.exit(77)

HUBER_WIDTH = 0.01
LOWER, UPPER = [-9.2, -9.2, 0.01, -9.2, 0.01], [4.6, 4.6, 2.0, 4.6, 2.0]


def law(unknowns, parameters, tokens):
    floor, size, alpha, data, beta = unknowns
    return np.exp(floor) + np.exp(size) * parameters**-alpha + np.exp(data) * tokens**-beta


def fit(points):
    parameters, tokens, loss = np.array(points).T
    middle = np.exp(np.log(parameters).mean()), np.exp(np.log(tokens).mean())
    size, data = parameters / middle[0], tokens / middle[1]
    best = None
    random = np.random.default_rng(0)
    for _ in range(12):
        start = [*np.log(loss.min() * random.dirichlet([1, 1, 1])), *random.uniform(0.05, 1, 2)]
        found = least_squares(lambda unknowns: np.log(law(unknowns, size, data) / loss),
                              np.clip([start[0], start[1], start[3], start[2], start[4]],
                                      LOWER, UPPER),
                              bounds=(LOWER, UPPER), loss="huber", f_scale=HUBER_WIDTH)
        if best is None or found.cost < best.cost:
            best = found
    return {"misfit": best.cost, "inside": law(best.x, 2e6 / middle[0], 5e6 / middle[1])}


def main(cases, output):
    with open(cases, encoding="utf-8") as file:
        results = [fit(points) for points in json.load(file)]
    with open(output, "w", encoding="utf-8") as file:
        json.dump(results, file, default=float)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
