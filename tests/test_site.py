"""The one switch between a notebook and the website."""

import pytest

from initlab._site import on_site


@pytest.mark.parametrize(("value", "site"), [("1", True), ("0", False), ("", False), (None, False)])
def test_only_a_one_means_the_site(value, site, monkeypatch):
    monkeypatch.delenv("INITLAB_SITE", raising=False)
    if value is not None:
        monkeypatch.setenv("INITLAB_SITE", value)
    assert on_site() is site
