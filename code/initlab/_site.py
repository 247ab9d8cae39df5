"""Where the output of a cell goes: to a notebook, or to the book's website."""

import os


def on_site() -> bool:
    """Whether the book's website is being built (its build sets ``INITLAB_SITE``)."""
    return os.environ.get("INITLAB_SITE") == "1"
