"""The style sheets and scripts: kept by browsers, compressed for who takes that; pages are never compressed."""

import re

import httpx

from tests.web.conftest import Town


def test_what_a_page_names_is_kept_for_a_year_and_sent_small(calm_town: Town) -> None:
    with httpx.Client(base_url=calm_town.staff_url) as anybody:
        page = anybody.get("/login")
        address = re.search(r'href="(/static/style\.css\?v=\w+)"', page.text)
        assert address and "content-encoding" not in page.headers
        named = anybody.get(address[1])
        assert "immutable" in named.headers["cache-control"] and named.headers["content-encoding"] == "gzip"
        plain = anybody.get("/static/style.css", headers={"accept-encoding": "identity"})
        assert plain.text == named.text and plain.headers["cache-control"] == "no-cache"
        again = anybody.get("/static/style.css", headers={"if-none-match": named.headers["etag"]})
        assert again.status_code == 304 and plain.headers["etag"] != named.headers["etag"]
        assert anybody.get("/static/app.py").status_code == 404
