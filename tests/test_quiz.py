"""Questions that answer without a script: the HTML is parsed, not searched."""

import re
from xml.etree import ElementTree

import pytest

from initlab.quiz import Quiz, load

QUESTION = "Is 1 < 2 & 2 > 1?"
OPTIONS = {
    "Yes, <always>.": (True, "Order & nothing else."),
    "No.": (False, 'Look at the "number" line.'),
    "Perhaps.": (False, "It is < or it is not."),
}


def parse(quiz):
    page = re.sub(r"(<input[^>]*)>", r"\1/>", quiz._repr_html_())
    return ElementTree.fromstring(f"<body>{page}</body>")


def test_every_option_has_a_label_and_an_answer():
    page = parse(Quiz(QUESTION, OPTIONS))
    assert page.find(".//legend").text == QUESTION
    options = page.findall(".//div[@class='option']")
    assert len(options) == 3
    for option, (answer, (right, why)) in zip(options, OPTIONS.items(), strict=True):
        button, label, feedback = option.find("input"), option.find("label"), option.find("p")
        assert button.get("type") == "radio"
        assert label.get("for") == button.get("id")
        assert label.text == answer
        assert feedback.get("class") == "feedback"
        assert feedback.find("strong").text == ("Right." if right else "Not so.")
        assert feedback.find("strong").tail.strip() == why


def test_answers_show_by_css_alone():
    html = Quiz(QUESTION, OPTIONS)._repr_html_()
    assert "<script" not in html
    rules = dict(re.findall(r"^(\S[^{\n]*)\{([^}]*)\}", html, flags=re.MULTILINE))
    assert "display:none" in rules[".initlab-quiz .feedback"]
    assert rules[".initlab-quiz input:checked~.feedback"] == "display:block"
    # The rule needs the button before its feedback, as a sibling.
    for option in parse(Quiz(QUESTION, OPTIONS)).findall(".//div[@class='option']"):
        assert [child.tag for child in option] == ["input", "label", "p"]


def test_nothing_is_chosen_at_first_and_only_one_can_be():
    buttons = parse(Quiz(QUESTION, OPTIONS)).findall(".//input")
    assert all(button.get("checked") is None for button in buttons)
    assert len({button.get("name") for button in buttons}) == 1
    assert len({button.get("id") for button in buttons}) == 3


def test_questions_do_not_share_names():
    first, second = (parse(Quiz(text, OPTIONS)) for text in ("One?", "Two?"))
    ids = [b.get(key) for page in (first, second) for b in page.findall(".//input")
           for key in ("id",)]  # fmt: skip
    names = {b.get("name") for page in (first, second) for b in page.findall(".//input")}
    assert len(set(ids)) == 6
    assert len(names) == 2
    assert Quiz("One?", OPTIONS)._repr_html_() == Quiz("One?", OPTIONS)._repr_html_()


def test_the_text_face_hides_the_answer():
    text = repr(Quiz(QUESTION, OPTIONS))
    assert text == f"{QUESTION}\n  ( ) Yes, <always>.\n  ( ) No.\n  ( ) Perhaps."


@pytest.mark.parametrize(
    ("options", "count", "right"),
    [
        ({}, 0, []),
        ({"a": (True, "")}, 1, ["a"]),
        ({"a": (False, ""), "b": (False, "")}, 2, []),
        ({"a": (True, ""), "b": (True, "")}, 2, ["a", "b"]),
    ],
)
def test_just_one_answer_is_right(options, count, right):
    message = (
        "a quiz needs two options or more, just one of them right; "
        f"'Why?' has {count}, right are {right}"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Quiz("Why?", options)


# ------------------------------------------------------------------ questions from a file


def write(folder, text):
    path = folder / "questions.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_questions_come_from_a_file(tmp_path):
    path = write(
        tmp_path,
        """
        [zeros]
        question = "Does a layer of zeros move?"
        options = [["Yes.", false, "No gradient."], ["No.", true, "Müller says so."]]
        [ones]
        question = "And ones?"
        options = [["Yes.", true, "a"], ["No.", false, "b"], ["Never.", false, "c"]]
        """,
    )
    expected = {
        "zeros": Quiz(
            "Does a layer of zeros move?",
            {"Yes.": (False, "No gradient."), "No.": (True, "Müller says so.")},
        ),
        "ones": Quiz(
            "And ones?", {"Yes.": (True, "a"), "No.": (False, "b"), "Never.": (False, "c")}
        ),
    }
    for given in (path, str(path)):
        assert load(given) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('question = "Q"', "'options'"),
        ('options = [["a", true, "x"], ["b", false, "y"]]', "'question'"),
        ('question = "Q"\noptions = [["a", true], ["b", false]]', "unpack"),
        ('question = "Q"\noptions = 3', "iterable"),
        ('question = "Q"\noptions = [["a", true, "x"]]', "two options or more"),
        (
            'question = "Q"\noptions = [["a", true, "x"], ["b", true, "y"]]',
            "just one of them right",
        ),
    ],
)
def test_a_malformed_question_is_named(text, reason, tmp_path):
    path = write(tmp_path, f"[first]\n{text}\n")
    message = f"question 'first' in {path} is not well-formed: "
    with pytest.raises(ValueError, match=f"^{re.escape(message)}.*{re.escape(reason)}"):
        load(path)
