"""
How severe a flaw is, from its CVSS vector.

Base metrics only: how a flaw is exploited today and what it would do in one place is
no business of a register. Versions 3.0, 3.1 and 4.0; a vector of version 2 is refused.

Sources: https://www.first.org/cvss/v3.1/specification-document (7.1 and appendix A),
https://www.first.org/cvss/v4.0/specification-document (8). The scores of the classes
of version 4.0 are those that FIRST publishes with its calculator.
"""

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from itertools import product

from reviews.rules.signals import Severity

VECTOR_LIMIT = 300
"""How many characters a vector may have; with every metric there is, about 200."""

_Metrics = dict[str, str]


class VectorError(ValueError):
    """A text that is no vector this module reads; its message says why."""


def severity_of(vector: str) -> Severity:
    """
    Return the severity of a flaw from its vector.

    :raises VectorError: as `base_score`.
    """
    return rating(base_score(vector))


def rating(score: Decimal) -> Severity:
    """
    Return the severity that goes with a score from 0 to 10; 0 weighs nothing.

    Source: the qualitative scale, the same in 3.x and 4.0.
    """
    if score >= 9:
        return Severity.CRITICAL
    if score >= 7:
        return Severity.HIGH
    if score >= 4:
        return Severity.MEDIUM
    return Severity.LOW if score > 0 else Severity.INFO


def base_score(vector: str) -> Decimal:
    """
    Return the base score of a vector, from 0.0 to 10.0 in steps of a tenth.

    :raises VectorError: for another version, or a base metric that is missing, given
        twice or has no such value.
    """
    if len(vector) > VECTOR_LIMIT:
        raise VectorError("The vector is too long.")
    version, _, rest = vector.strip().partition("/")
    match version:
        case "CVSS:3.0" | "CVSS:3.1":
            return _score_3(_metrics(rest, _VALUES_3), version)
        case "CVSS:4.0":
            return _score_4(_metrics(rest, _VALUES_4))
        case _:
            raise VectorError(f"{version[:20]!r} is no version that can be read.")


_VALUES_3 = {
    "AV": "NALP",
    "AC": "LH",
    "PR": "NLH",
    "UI": "NR",
    "S": "UC",
    "C": "HLN",
    "I": "HLN",
    "A": "HLN",
}
_VALUES_4 = {
    "AV": "NALP",
    "AC": "LH",
    "AT": "NP",
    "PR": "NLH",
    "UI": "NPA",
    "VC": "HLN",
    "VI": "HLN",
    "VA": "HLN",
    "SC": "HLN",
    "SI": "HLN",
    "SA": "HLN",
}


def _metrics(text: str, values: dict[str, str]) -> _Metrics:
    found: _Metrics = {}
    for part in text.split("/"):
        name, _, value = part.partition(":")
        if name not in values:
            continue
        if name in found:
            raise VectorError(f"{name} is given twice.")
        if len(value) != 1 or value not in values[name]:
            raise VectorError(f"{name} has no value {value[:20]!r}.")
        found[name] = value
    missing = values.keys() - found.keys()
    if missing:
        raise VectorError(f"{min(missing)} is missing.")
    return found


# Version 3: a formula over weights.

_IMPACT_3 = {"H": "0.56", "L": "0.22", "N": "0"}
_EXPLOIT_3 = {
    "AV": {"N": "0.85", "A": "0.62", "L": "0.55", "P": "0.2"},
    "AC": {"L": "0.77", "H": "0.44"},
    "UI": {"N": "0.85", "R": "0.62"},
}
_PRIVILEGES_3 = {
    "U": {"N": "0.85", "L": "0.62", "H": "0.27"},
    "C": {"N": "0.85", "L": "0.68", "H": "0.5"},
}


def _score_3(metrics: _Metrics, version: str) -> Decimal:
    changed = metrics["S"] == "C"
    kept = Decimal(1)
    for name in ("C", "I", "A"):
        kept *= 1 - Decimal(_IMPACT_3[metrics[name]])
    loss = 1 - kept
    if changed:
        impact = Decimal("7.52") * (loss - Decimal("0.029")) - Decimal("3.25") * (
            (loss - Decimal("0.02")) ** 15
        )
    else:
        impact = Decimal("6.42") * loss
    if impact <= 0:
        return Decimal("0.0")
    ease = Decimal("8.22") * Decimal(_PRIVILEGES_3[metrics["S"]][metrics["PR"]])
    for name, weights in _EXPLOIT_3.items():
        ease *= Decimal(weights[metrics[name]])
    total = (impact + ease) * (Decimal("1.08") if changed else 1)
    return _rounded_up(min(total, Decimal(10)), version)


def _rounded_up(score: Decimal, version: str) -> Decimal:
    if version == "CVSS:3.1":
        # 3.1 rounds to five places first, so that no machine's arithmetic shows.
        score = score.quantize(Decimal("0.00001"), ROUND_HALF_UP)
    return score.quantize(Decimal("0.1"), ROUND_CEILING)


# Version 4: a vector belongs to a class by four properties, each with its levels; the
# class has a score, and within it the score falls towards the next class down.

# By the levels of exploitability and of complexity; then the columns of _IMPACTS for
# subsequent systems that are hit hard, and again for those that are not.
_SCORES_4 = {
    (0, 0): "10.0 9.6 9.3 9.2 7.9  9.3 9.0 8.8 8.0 6.9",
    (0, 1): "9.5 9.1 9.2 8.2 7.1  9.2 8.1 8.4 7.0 6.3",
    (1, 0): "9.4 8.9 8.6 7.6 6.5  8.7 7.5 7.2 5.7 5.3",
    (1, 1): "9.0 7.7 7.4 5.9 5.8  7.7 6.6 6.1 5.2 2.3",
    (2, 0): "8.6 7.4 7.2 5.7 4.7  7.0 5.4 5.3 3.6 2.4",
    (2, 1): "7.3 5.5 6.1 5.1 2.4  5.4 4.3 4.6 1.8 1.0",
}
# The levels of impact on the vulnerable system, EQ3 and EQ6 together. With base metrics
# alone only "00", "10" and "21" occur; the other two are classes further down.
_IMPACTS = ("00", "01", "10", "11", "21")
_IMPACTS_BELOW = {"00": ("01", "10"), "10": ("11",), "21": ()}

# The most severe vectors of each level, and how many steps there are within it.
_WORST_EXPLOIT = {
    0: ("NNN",),
    1: ("ANN", "NLN", "NNP"),
    2: ("PNN", "ALP"),
}
_WORST_COMPLEXITY = {0: ("LN",), 1: ("HN", "LP")}
_WORST_IMPACT = {"00": ("HHH",), "10": ("LHH", "HLH"), "21": ("LLL",)}
_WORST_SUBSEQUENT = {1: ("HHH",), 2: ("LLL",)}
_STEPS_EXPLOIT = {0: 1, 1: 4, 2: 5}
_STEPS_COMPLEXITY = {0: 1, 1: 2}
_STEPS_IMPACT = {"00": 7, "10": 8, "21": 10}
_STEPS_SUBSEQUENT = {1: 5, 2: 4}


def _class_scores() -> dict[tuple[int, int, str, int], Decimal]:
    return {
        (exploit, complexity, impact, subsequent): Decimal(score)
        for (exploit, complexity), row in _SCORES_4.items()
        for (subsequent, impact), score in zip(
            product((1, 2), _IMPACTS), row.split(), strict=True
        )
    }


_CLASS_SCORES = _class_scores()


def _score_4(metrics: _Metrics) -> Decimal:
    if all(metrics[name] == "N" for name in ("VC", "VI", "VA", "SC", "SI", "SA")):
        return Decimal("0.0")
    exploit, complexity, impact, subsequent = _class_4(metrics)
    score = _CLASS_SCORES[exploit, complexity, impact, subsequent]
    falls = (
        (
            [(exploit + 1, complexity, impact, subsequent)],
            _steps_below(metrics, ("AV", "PR", "UI"), _WORST_EXPLOIT[exploit]),
            _STEPS_EXPLOIT[exploit],
        ),
        (
            [(exploit, complexity + 1, impact, subsequent)],
            _steps_below(metrics, ("AC", "AT"), _WORST_COMPLEXITY[complexity]),
            _STEPS_COMPLEXITY[complexity],
        ),
        (
            [(exploit, complexity, i, subsequent) for i in _IMPACTS_BELOW[impact]],
            _steps_below(metrics, ("VC", "VI", "VA"), _WORST_IMPACT[impact]),
            _STEPS_IMPACT[impact],
        ),
        (
            [(exploit, complexity, impact, subsequent + 1)],
            _steps_below(metrics, ("SC", "SI", "SA"), _WORST_SUBSEQUENT[subsequent]),
            _STEPS_SUBSEQUENT[subsequent],
        ),
    )
    # The fifth property, whether the flaw is exploited, always has a class below and,
    # with base metrics alone, never a step towards it.
    total, classes = Decimal(0), 1
    for below, steps, of in falls:
        scores = [_CLASS_SCORES[name] for name in below if name in _CLASS_SCORES]
        if scores:
            classes += 1
            total += (score - max(scores)) * steps / of
    return max(score - total / classes, Decimal(0)).quantize(
        Decimal("0.1"), ROUND_HALF_UP
    )


def _class_4(metrics: _Metrics) -> tuple[int, int, str, int]:
    open_ways = [metrics[name] == "N" for name in ("AV", "PR", "UI")]
    if all(open_ways):
        exploit = 0
    else:
        exploit = 1 if any(open_ways) and metrics["AV"] != "P" else 2
    complexity = 0 if metrics["AC"] == "L" and metrics["AT"] == "N" else 1
    hit = [metrics[name] == "H" for name in ("VC", "VI", "VA")]
    if hit[0] and hit[1]:
        impact = "00"
    else:
        impact = "10" if any(hit) else "21"
    subsequent = 1 if "H" in (metrics["SC"], metrics["SI"], metrics["SA"]) else 2
    return exploit, complexity, impact, subsequent


def _steps_below(
    metrics: _Metrics, names: tuple[str, ...], worst: tuple[str, ...]
) -> int:
    """Return how far a vector lies below the first of the worst that it does not pass."""
    for vector in worst:
        steps = [
            _VALUES_4[name].index(metrics[name]) - _VALUES_4[name].index(value)
            for name, value in zip(names, vector, strict=True)
        ]
        if min(steps) >= 0:
            return sum(steps)
    raise VectorError("The vector belongs to no class.")
