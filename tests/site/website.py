"""The built website: its folder, its pages, and a server for it on this machine alone."""

import gzip
import mimetypes
import os
import threading
from contextlib import contextmanager
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bs4 import BeautifulSoup
from helpers import ROOT

#: ``BOOK_SITE`` names another built site to test, such as one with a defect put in by hand.
SITE = Path(os.environ.get("BOOK_SITE", ROOT / "_build" / "html")).resolve()
MISSING = f"there is no website in {SITE}: run `make book` first"

EXPLORER = 'class="initlab-explorer"'
QUIZ = 'class="initlab-quiz"'
TEXTUAL = {".css", ".html", ".ipynb", ".js", ".json", ".map", ".md", ".svg", ".txt"}


@cache
def html(page: str) -> str:
    if not (SITE / "index.html").is_file():
        return ""  # the tests say so, see conftest.py
    return (SITE / page).read_text(encoding="utf-8")


@cache
def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(html(page), "html.parser")


def pages(holding: str = "") -> list[str]:
    """Every page of the site, or those whose source holds a piece of text.

    Without a site one name is left, so that the tests run, and fail, instead of vanishing.
    """
    found = [path.relative_to(SITE) for path in sorted(SITE.rglob("*.html"))]
    names = [path.as_posix() for path in found if path.parts[0] != "_static"]
    return [name for name in names if holding in html(name)] if names else ["index.html"]


class Handler(SimpleHTTPRequestHandler):
    """Serves the site as a web host does: gzip for text, connections kept open, a 404 page."""

    protocol_version = "HTTP/1.1"
    packed: dict[Path, bytes] = {}  # noqa: RUF012 (shared by all requests on purpose)

    def __init__(self, *args):
        super().__init__(*args, directory=str(SITE))

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        found = path.is_file()
        if not found:
            path = SITE / "404.html"
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        body = path.read_bytes()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if "text" in kind else kind)
        if path.suffix in TEXTUAL:
            body = self.packed.setdefault(path, gzip.compress(body, 6))
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self):
        path = Path(self.translate_path(self.path))
        self.send_response(200 if path.is_file() else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A browser may hang up in the middle of a file; that is not news."""


@contextmanager
def served():
    """The address of the site, as long as the context lasts."""
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
