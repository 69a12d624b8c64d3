"""What counts as a decision in a ticket, and what does not."""

from collections.abc import Mapping, Sequence

import pytest

from reviews.rules.commands import Command, command_in, command_of_close
from reviews.rules.vocabulary import Verdict


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("form", ["/verdict {}", "/VERDICT {}", "/verdict  {}\t"])
def test_every_verdict_can_be_written(form: str, verdict: Verdict) -> None:
    command = command_in(form.format(verdict))

    assert command is not None
    assert (command.verdict, command.problem) == (verdict, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("/verdict hold", ""),
        ("/verdict hold because it is slow", "it is slow"),
        ("/verdict hold Because: it is slow", "it is slow"),
        ("/verdict hold it is slow because of I/O", "it is slow because of I/O"),
        ("/waive", ""),
        ("/waive because of spring", "of spring"),
        ("/waive becausality", "becausality"),
        ("Hello.\r\n\r\n/waive because\r\n/verdict hold", ""),
    ],
)
def test_a_reason_may_follow(text: str, reason: str) -> None:
    command = command_in(text)

    assert command is not None
    assert command.reason == reason


@pytest.mark.parametrize("text", ["/verdict", "/verdict maybe", "/verdict hold,"])
def test_a_verdict_that_is_none_is_a_command_with_a_problem(text: str) -> None:
    command = command_in(text)

    assert command == Command(text, problem="It names none of the verdicts.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "verdict hold",
        " /verdict hold",
        "> /waive",
        "`/waive`",
        "/waived",
        "/verdict:hold",
        "```\n/waive\n```",
        "~~~ text\n/waive\n~~~",
        "I would write /waive",
    ],
)
def test_what_does_not_begin_a_line_is_no_command(text: str) -> None:
    assert command_in(text) is None


def test_the_first_command_counts() -> None:
    command = command_in("```\n/waive\n```\n/verdict trial\n/waive")

    assert command is not None
    assert command.verdict is Verdict.TRIAL


@pytest.mark.parametrize(
    ("labels", "words", "decisions", "verdict"),
    [
        (["verdict:hold"], [], {}, Verdict.HOLD),
        (["bug", "Verdict: RETIRE "], [], {}, Verdict.RETIRE),
        (["Waive"], [], {}, None),
        ([], ["Won't Do", "Done"], {"WON'T DO": "hold"}, Verdict.HOLD),
        (["accepted"], [], {"accepted": "Waive"}, None),
        (["verdict:adopt"], ["Done"], {"done": "hold"}, Verdict.ADOPT),
    ],
)
def test_how_a_ticket_was_closed_decides(
    labels: Sequence[str],
    words: Sequence[str],
    decisions: Mapping[str, str],
    verdict: Verdict | None,
) -> None:
    command = command_of_close(labels=labels, words=words, decisions=decisions)

    assert command is not None
    assert (command.verdict, command.problem) == (verdict, "")


@pytest.mark.parametrize(
    ("labels", "words", "decisions"),
    [
        ([], [], {}),
        (["hold", "verdict"], ["Done"], {}),
        ([], ["", "Done"], {"": "hold", "fixed": "adopt"}),
    ],
)
def test_most_tickets_are_closed_without_a_decision(
    labels: Sequence[str], words: Sequence[str], decisions: Mapping[str, str]
) -> None:
    assert command_of_close(labels=labels, words=words, decisions=decisions) is None


def test_a_mapping_to_no_verdict_is_a_problem() -> None:
    command = command_of_close(labels=[], words=["Done"], decisions={"done": "maybe"})

    assert command == Command("Done", problem="It names none of the verdicts.")
