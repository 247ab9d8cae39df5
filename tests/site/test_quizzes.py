"""Questions answer at once, one answer at a time, by mouse and by keyboard."""

import pytest
from website import QUIZ, html, pages, soup


@pytest.fixture(params=pages(QUIZ))
def quizzes(request, visit):
    """``quizzes(**options)`` opens a page that has some, with the options of ``visit``."""

    def open_page(**options):
        found = visit(request.param, formulas=False, **options).locator(".initlab-quiz").all()
        assert len(found) == html(request.param).count(QUIZ)
        return found

    return open_page


def shown(quiz) -> list[bool]:
    return [feedback.is_visible() for feedback in quiz.locator(".feedback").all()]


def only(chosen: int | None, quiz) -> list[bool]:
    return [i == chosen for i in range(quiz.locator(".option").count())]


# They are plain HTML and CSS, and so work without scripts.
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_mouse(quizzes, scripts):
    for quiz in quizzes(scripts=scripts):
        assert shown(quiz) == only(None, quiz)
        for i, label in enumerate(quiz.locator("label").all()):
            label.click()
            assert shown(quiz) == only(i, quiz)
            words = quiz.locator(".feedback").nth(i).inner_text()
            assert words.startswith(("Right.", "Not so."))


def test_keyboard(quizzes):
    for quiz in quizzes():
        press, inputs = quiz.page.keyboard.press, quiz.locator("input")
        inputs.first.focus()
        press("Space")
        assert shown(quiz) == only(0, quiz)
        for i in range(1, inputs.count()):
            press("ArrowDown")
            assert shown(quiz) == only(i, quiz)


@pytest.mark.parametrize("path", pages(QUIZ))
def test_one_answer_is_right(site, path):
    for quiz in soup(path).select(".initlab-quiz"):
        verdicts = [strong.get_text() for strong in quiz.select(".feedback strong")]
        assert verdicts.count("Right.") == 1
        assert verdicts.count("Not so.") == len(verdicts) - 1
