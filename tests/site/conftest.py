"""Chromium on the built site, with the network cut off and every complaint of a page noted."""

import os
import shutil

import pytest
import website

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SETTLED = """async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
}"""


@pytest.fixture(scope="session")
def site():
    """The folder of the built site."""
    if not (website.SITE / "index.html").is_file():
        pytest.fail(website.MISSING, pytrace=False)
    return website.SITE


@pytest.fixture(scope="session")
def server(site):
    with website.served() as address:
        yield address


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    names = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else CHROMIUM
    program = next(filter(None, map(shutil.which, names)), None)
    if not program:
        pytest.fail(
            f"no Chromium: looked for {', '.join(names)}. Install it (on Debian: apt install "
            "chromium) or name it by the environment variable CHROMIUM.",
            pytrace=False,
        )
    # Whatever is not this machine has no address: nothing leaves, and nothing waits for it.
    offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    return {**browser_type_launch_args, "executable_path": program, "args": [offline]}


@pytest.fixture
def complaints():
    """What pages opened by ``visit`` complained about; a test fails that leaves any there."""
    return []


@pytest.fixture
def visit(browser, server, complaints):
    """``visit(page)`` opens a page in a fresh profile and waits until it is at rest."""
    contexts = []

    def open_page(path, *, width=1280, theme="light", scripts=True, formulas=True,
                  touch=False, watch=None):  # fmt: skip
        context = browser.new_context(
            base_url=server,
            viewport={"width": width, "height": 844},
            color_scheme=theme,
            reduced_motion="reduce",
            java_script_enabled=scripts,
            has_touch=touch,
            is_mobile=touch,
        )
        contexts.append(context)
        note = complaints.append
        context.set_default_timeout(10_000)
        context.on("request", lambda r: is_local(r.url) or note(f"request to {r.url}"))
        context.on("requestfailed", lambda r: note(f"failed: {r.url} ({r.failure})"))
        context.on("response", lambda r: r.ok or r.status == 304 or note(f"{r.status}: {r.url}"))
        context.on("weberror", lambda e: note(f"uncaught: {e.error}"))
        context.on(
            "console", lambda m: m.type in ("error", "warning") and note(f"{m.type}: {m.text}")
        )
        if not formulas:  # typeset by nobody: a page with many opens in a third of the time
            context.route("**/mathjax/**", lambda route: route.fulfill(body=""))
        page = context.new_page()
        if watch:
            page.on("requestfinished", lambda request: watch(request))
        page.goto(path)
        if scripts:
            if path == "index.html":
                page.wait_for_url("**/chapters/**")
            page.evaluate(SETTLED)
        return page

    def is_local(url: str) -> bool:
        return url.startswith((server, "data:", "blob:"))

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(["the page complained:", *complaints])
