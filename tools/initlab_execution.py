"""A Sphinx extension that runs the notebooks side by side before myst-nb asks for their outputs.

myst-nb runs a notebook when it comes to its page, one after the other. Here all those whose outputs
are not in the cache yet run at once, one to a processor, by jupyter-cache's own executor; myst-nb
then finds them in the cache. A notebook that fails is left to myst-nb, which runs it again and
reports it.
"""

from __future__ import annotations

import logging as plain_logging
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, object]:
    """Connect the extension; it needs ``nb_execution_mode: cache`` and a cache path."""
    app.connect("env-before-read-docs", execute_new_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def execute_new_notebooks(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Run what is about to be read and was never run with this code."""
    paths = [Path(env.doc2path(name)) for name in docnames]
    notebooks = [path for path in paths if path.suffix == ".ipynb"]
    if len(notebooks) < 2 or app.config.nb_execution_mode != "cache":
        return
    cache = get_cache(app.config.nb_execution_cache_path)
    for path in notebooks:
        cache.add_nb_to_project(str(path))
    new = cache.list_unexecuted(filter_uris=[str(path) for path in notebooks])
    if len(new) < 2:
        return
    logger.info("executing %d notebooks side by side", len(new))
    quiet = plain_logging.getLogger("initlab.execution")
    quiet.setLevel(plain_logging.WARNING)  # or each process would tell its whole life
    load_executor("local-parallel", cache, quiet).run_and_cache(
        filter_pks=[record.pk for record in new], timeout=app.config.nb_execution_timeout
    )
