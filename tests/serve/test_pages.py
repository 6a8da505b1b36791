"""Pages: all of them open, all of their addresses lead somewhere, and hostile text stays text."""

import html
import re
from urllib.parse import urlsplit

import pytest

from earful.pages.words import say
from earful.report.sections import SIDES
from earful.serve.desk import Desk
from earful.serve.house import House
from earful.serve.policy import Limits
from tests.serve.conftest import csrf_of, open_client
from tests.written_runs import Page, RunBuilder

PAGES = (
    "",
    "/products",
    "/touchpoints",
    "/themes",
    "/time",
    "/reviews",
    "/compare",
    "/workshop",
    "/method",
    "/answers",
    "/audit",
)


@pytest.fixture
def written(full):
    """A run with something in every section, made by no model."""
    return House([full.write()])


def taken_apart(response, status=200):
    assert response.status_code == status, response.text[:500]
    page = Page(response.text.replace("<!doctype html>", ""))
    assert all(count == 1 for count in page.ids.values()), page.ids.most_common(2)
    return page


def hrefs(page):
    return [attrs["href"] for tag, attrs in page.tags if tag == "a" and attrs.get("href")]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_a_run_opens_and_is_whole(client, page):
    taken = taken_apart(client.get(f"/runs/demo{page}"))
    heads = [tag for tag, _ in taken.tags if tag == "h1"]
    assert len(heads) == 1


def test_and_of_a_run_by_hand_and_of_an_empty_one(full, builder, make_client, tmp_path):
    empty = RunBuilder(tmp_path / "empty")
    client = make_client(house=House([full.write(), empty.write()]))
    for page in PAGES:
        taken_apart(client.get(f"/runs/run{page}"))
        taken_apart(client.get(f"/runs/empty{page}"))


def test_every_address_on_every_page_leads_somewhere(written, make_client):
    client = make_client(house=written)
    seen, todo = set(), ["/"]
    while todo:
        address = todo.pop()
        response = client.get(address)
        assert response.status_code == 200, address
        if "html" not in response.headers["content-type"]:
            continue
        for href in hrefs(taken_apart(response)):
            assert not urlsplit(href).netloc, href
            if href.startswith("#"):
                assert href[1:] in taken_apart(response).ids or href == "#theme-1", (address, href)
            elif href not in seen and len(seen) < 400:
                seen.add(href)
                todo.append(href)
    assert len(seen) > 60


def total_of(client, href):
    told = re.search(r'<p class="muted"[^>]*>([\d,]+) review', client.get(href).text)
    return int(told[1].replace(",", "")) if told else 0


def test_one_click_from_a_number_to_its_reviews(client, served):
    """The number that stands in the ranking is the number of reviews behind it."""
    loyalty = served.run.loyalty
    for by in ("product", "touchpoint"):
        page = client.get(f"/runs/demo/{by}s").text
        for row in loyalty[loyalty["grouping"] == by].to_dict("records"):
            links = re.findall(rf'<a href="([^"]*reviews\?{by}=[^"]*)">{row["n_reviews"]:,}</a>', page)
            assert any(total_of(client, html.unescape(link)) == row["n_reviews"] for link in links)


def test_a_theme_s_words_are_marked_by_their_offsets(client, served):
    mentions = served.run.mentions
    row = mentions[mentions["theme"] == "delivery.speed"].iloc[0]
    page = client.get(
        "/runs/demo/reviews", params={"theme": "delivery.speed", "polarity": row["polarity"]}
    ).text
    marked = [html.unescape(words) for words in re.findall(r"<mark[^>]*>(.*?)</mark>", page, re.DOTALL)]
    reviews = served.run.reviews.set_index("row")["text"]
    assert reviews[row["row"]][row["start"] : row["end"]] in marked


def test_a_review_that_is_long_is_cut_around_what_it_was_found_by(builder, make_client):
    text = "Word. " * 400 + "The parcel came late. " + "Word. " * 400
    builder.mention(builder.review(text), "delivery.speed", "came late", "negative")
    builder.group("overall", n=1)
    client = make_client(house=House([builder.write()]))
    page = client.get("/runs/run/reviews?theme=delivery.speed").text
    assert "<mark" in page
    assert "came late" in page
    assert len(page) < 20_000
    whole = client.get("/runs/run/reviews/0").text
    assert whole.count("Word.") >= 800


def test_what_is_not_there_is_said(client):
    for address in (
        "/runs/none",
        "/runs/demo/product?name=none",
        "/runs/demo/theme?id=none",
        "/runs/demo/reviews/99999",
        "/nowhere",
    ):
        response = client.get(address)
        assert response.status_code == 404
        assert "<h1>Not here</h1>" in response.text
    assert "left out: since" in client.get("/runs/demo/reviews?since=soon").text
    assert "There is no such page" in client.get("/runs/demo/reviews?page=400").text


def test_words_alone_have_no_level(builder, make_client):
    for text in ("good", "bad"):
        builder.review(text, product="Lamp")
    builder.group("overall", 5.0, n=2, anchor="words")
    builder.group("product", 5.0, n=2, product="Lamp", anchor="words")
    client = make_client(house=House([builder.write()]))
    assert "level unknown" in client.get("/runs/run").text
    assert "level unknown" in client.get("/runs/run/product?name=Lamp").text
    assert "level unknown" in client.get("/").text


def test_what_to_mend_first_is_said_in_points_where_that_is_sure(full, make_client):
    full.driver("delivery.speed", "negative", -9.0, adjusted=-6.0, adjusted_low=-9.0, adjusted_high=-3.0,
                adjusted_q=0.01)  # fmt: skip
    full.driver("store.staff", "negative", -9.0, adjusted=-7.0, adjusted_low=-19.0, adjusted_high=3.0,
                adjusted_q=0.5)  # fmt: skip
    page = taken_apart(make_client(house=House([full.write()])).get("/runs/run")).words()
    assert "+6.0 points +3.0 to +9.0" in page
    assert "+7.0 points" not in page


def test_two_products_are_compared_with_what_the_difference_is_made_of(client, served):
    names = served.choices["product"][:2]
    page = taken_apart(
        client.get("/runs/demo/compare", params={"by": "product", "first": names[0], "second": names[1]})
    ).words()
    assert "from the first to the second" in page
    same = client.get("/runs/demo/compare", params={"by": "product", "first": names[0], "second": names[0]})
    assert "Choose two different ones" in same.text


def test_two_runs_are_compared_in_the_frame(folder, make_client, tmp_path):
    import shutil

    other = tmp_path / "later"
    shutil.copytree(folder, other)
    client = make_client(folder, other)
    page = client.get("/runs/demo/compare/run?other=later&by=product")
    assert "What changed between two runs" in taken_apart(page).words()
    assert 'aria-current="page">Compare' in page.text
    assert client.get("/runs/demo/compare/run?other=demo").status_code == 400
    assert "against" in taken_apart(client.get("/runs/demo/compare/scores")).words()


def test_words_against_scores_are_one_list_wherever_they_are_told_of(client, served):
    """Overview, method, report and API count the same rows and lead to them."""
    flagged = served.run.reviews["mismatch"].value_counts()
    assert set(flagged.index) == set(SIDES)
    overview, method = (client.get(f"/runs/demo{page}").text for page in ("", "/method"))
    for side, n in flagged.items():
        name, link = say(f"mismatches.{side}"), f"/runs/demo/reviews?mismatch={side}"
        assert f'<a href="{link}">{name}: {n} review' in overview
        assert f'<a href="{link}">{n} review' in method
        assert total_of(client, link) == n
        api = client.get(f"/api/v1/runs/demo/reviews?mismatch={side}").json()
        assert api["total"] == n
        assert name in served.run.report.read_text(encoding="utf-8")
    assert "read as negative with" not in overview
    # Who filters for them by label and score is led to the list.
    asked = client.get("/runs/demo/reviews?sentiment=negative&nps_from=9").text
    assert "/runs/demo/reviews?mismatch=score_above_text" in asked
    assert "list of their own" not in client.get("/runs/demo/reviews?sentiment=negative&nps_to=3").text


def test_a_theme_stays_in_the_product_that_it_was_reached_from(client, served):
    product = client.get("/runs/demo/product", params={"name": "Pilot robot vacuum"})
    links = [href for href in hrefs(taken_apart(product)) if "/theme?" in href]
    assert links
    assert all("by=product&name=Pilot+robot+vacuum" in href for href in links)
    page = client.get(links[0])
    inside = [href for href in hrefs(taken_apart(page)) if "/reviews?" in href]
    assert inside
    assert all("product=Pilot+robot+vacuum" in href for href in inside)
    for other in ("by=nothing&name=x", "by=product&name=none"):
        assert client.get(f"/runs/demo/theme?id=delivery.speed&{other}").status_code == 404


def test_themes_of_a_review_keep_what_it_was_found_by(client):
    page = client.get("/runs/demo/reviews?since=2026-05-01&until=2026-05-31&product=Aura+headphones")
    chips = [href for href in hrefs(taken_apart(page)) if "/reviews?" in href and "theme=" in href]
    assert chips
    for part in ("since=2026-05-01", "until=2026-05-31", "product=Aura+headphones"):
        assert all(part in href for href in chips)


def test_a_range_the_wrong_way_round_is_told(client):
    page = client.get("/runs/demo/reviews?rating_from=4&rating_to=2&lang=en")
    assert "rating from 4 is above rating to 2: no review can be in between; both are left out" in page.text
    assert total_of(client, "/runs/demo/reviews?lang=en") == total_of(
        client, "/runs/demo/reviews?rating_from=4&rating_to=2&lang=en"
    )
    refused = client.get("/api/v1/runs/demo/reviews?rating_from=4&rating_to=2")
    assert refused.status_code == 422
    assert "is above rating to" in refused.text


def test_a_period_is_compared_within_a_product_and_a_product_within_a_period(client, served):
    trends = served.run.trends
    may = trends[(trends["product"] == "Aura headphones") & (trends["period"] == "2026-05-01")].iloc[0]
    whole = {"by": "period", "first": "2026-04-01", "second": "2026-05-01", "part": "product=Aura headphones"}
    page = client.get("/runs/demo/compare", params=whole)
    words = taken_apart(page).words()
    assert "Aura headphones (" not in words.split("Compare others")[0]
    assert "Aura headphones alone" in words
    assert "points" in words
    link = "reviews?since=2026-05-01&until=2026-05-31&product=Aura+headphones"
    assert any(link in href for href in hrefs(taken_apart(page)))
    assert total_of(client, f"/runs/demo/{link}") == may["n_reviews"]
    two = {"by": "product", "first": "Aura headphones", "second": "Orvelle Plus", "part": "period=2026-05-01"}
    assert "May 2026 alone" in taken_apart(client.get("/runs/demo/compare", params=two)).words()
    for part in ("product=none", "period=2026-05-01", "nonsense"):
        asked = client.get("/runs/demo/compare", params=whole | {"part": part})
        assert "Choose a part that this run has" in asked.text


PAYLOADS = [
    *(f"<script>alert({n})</script>" for n in range(5)),
    *(f"<img src=x onerror=alert({n})>" for n in range(5)),
    *(
        f"<{tag} onload=alert(1)>"
        for tag in ("svg", "body", "iframe", "object", "embed", "link", "style", "math")
    ),
    *(
        f"<a href='{scheme}:alert(1)'>x</a>"
        for scheme in ("javascript", "data", "vbscript", "JaVaScRiPt", "java\tscript")
    ),
    *(
        f"{quote}{end}<script>alert(1)</script>"
        for quote in ("'", '"', "`", "&quot;", "&#39;")
        for end in (">", "/>", " x=")
    ),
    *(
        f"{quote} on{event}=alert(1) x={quote}"
        for quote in ("'", '"')
        for event in ("click", "error", "focus", "load", "mouseover", "toggle")
    ),
    *(
        f"</{tag}><script>alert(1)</script>"
        for tag in (
            "title",
            "textarea",
            "style",
            "script",
            "select",
            "option",
            "bdi",
            "mark",
            "td",
            "noscript",
        )
    ),
    *(
        f"{{{{{inside}}}}}"
        for inside in ("7*7", "config", "self", "''.__class__", "request", "cycler.__init__")
    ),
    "{% raw %}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{=7}}",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE x>",
    "<script",
    "<script >",
    "<scr\0ipt>",
    "<<script>",
    "%3Cscript%3E",
    "&lt;script&gt;",
    "\\u003cscript\\u003e",
    "＜script＞",
    "\u2028alert(1)",
    "\u202e<script>",
    "\ufeff<script>",
    "<x\u00a0onclick=1>",
    "javascript:alert(1)",
    "<form action=//evil>",
    "<base href=//evil>",
    "<meta http-equiv=refresh content=0>",
    "<input autofocus onfocus=1>",
    "<details open ontoggle=1>",
    "<video><source onerror=1>",
    "<marquee onstart=1>",
    "<isindex>",
    "<plaintext>",
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "\r\nSet-Cookie: x=1",
    "\r\n\r\n<script>",
    "a\x00b",
    "\x1b[31m",
    "../../etc/passwd",
    "'; DROP TABLE reviews; --",
    '" OR 1=1 --',
    "<template><script>",
    '<noscript><p title="</noscript><script>">',
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    builder = RunBuilder(tmp_path_factory.mktemp("hostile") / "run")
    for payload in PAYLOADS:
        text = f"{payload} late"
        row = builder.review(
            text, title=payload, product=payload, touchpoint=payload, channel=payload, source=payload,
            author_id=payload, review_id=payload, mismatch="score_above_text", mismatch_q=0.01,
        )  # fmt: skip
        builder.mention(row, f"delivery.{payload}", "late", "negative")
        polarity = {"p_negative": 0.9, "p_neutral": 0.1, "p_positive": 0.0, "score": -0.9}
        builder.tables["segments"].append(
            {"row": row, "segment": 0, "start": 0, "end": len(text), **polarity}
        )
    for payload in PAYLOADS[:30]:
        builder.group("product", product=payload, n=40)
        builder.group("touchpoint", touchpoint=payload, n=40)
        builder.group("product,touchpoint", product=payload, touchpoint=payload, n=40)
        builder.theme(f"delivery.{payload}", 5, 2, label=payload)
        builder.theme(f"delivery.{payload}", 5, 2, label=payload, grouping="product", product=payload)
        builder.driver(f"delivery.{payload}", "negative", -3.0, adjusted=-2.0, adjusted_low=-3.0,
                       adjusted_high=-1.0, adjusted_q=0.01)  # fmt: skip
        builder.trend("2026-03-01", 3.0, grouping="product", product=payload)
        builder.trend("2026-04-01", 9.0, grouping="product", product=payload)
        builder.rising(f"delivery.{payload}")
        builder.reject(payload, payload)
    builder.group("overall", n=len(PAYLOADS), scale=PAYLOADS[0])
    builder.manifest["warnings"] = PAYLOADS
    builder.manifest["inputs"] = [{"source": p, "mapping": {p: p}, "notes": [p]} for p in PAYLOADS[:20]]
    builder.manifest["command"] = PAYLOADS[0]
    return House([builder.write()])


TAGS = {
    "a",
    "article",
    "b",
    "bdi",
    "blockquote",
    "body",
    "button",
    "caption",
    "circle",
    "code",
    "datalist",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "g",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "header",
    "html",
    "input",
    "label",
    "legend",
    "li",
    "line",
    "link",
    "main",
    "mark",
    "meta",
    "nav",
    "noscript",
    "ol",
    "option",
    "p",
    "path",
    "pre",
    "rect",
    "script",
    "section",
    "select",
    "span",
    "strong",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "progress",
}


def assert_harmless(response):
    assert "text/html" in response.headers["content-type"]
    page = Page(response.text)
    scripts = [attrs for tag, attrs in page.tags if tag == "script"]
    assert len(scripts) == 1
    assert scripts[0]["src"].startswith("/static/serve.js")
    for tag, attrs in page.tags:
        assert tag in TAGS, tag
        for name, value in attrs.items():
            assert not name.startswith("on"), (tag, attrs)
            assert name != "style"
            if name in ("href", "action", "src", "formaction"):
                assert value.startswith(("/", "#")), value
                assert not value.startswith("//")
    assert "alert(" not in "".join(response.headers.values())
    assert "set-cookie: x" not in str(response.headers).lower()
    assert not set(response.text) & set("\x00\x1b\x08")


def test_a_hundred_payloads_stay_text_everywhere(hostile, make_client):
    assert len(PAYLOADS) > 100
    client = make_client(house=hostile)
    for page in PAGES:
        assert_harmless(client.get(f"/runs/run{page}"))
    for number in range(1, 1 + -(-len(PAYLOADS) // 25)):
        response = client.get(f"/runs/run/reviews?page={number}&order=row")
        assert response.status_code == 200
        assert_harmless(response)
    shown = Page(client.get("/runs/run/reviews?order=row").text).text
    for payload in PAYLOADS[:20]:
        assert payload in shown


def test_they_stay_text_where_a_sample_is_judged(hostile, make_client, tmp_path):
    client = make_client(house=House([hostile.get("run").run.path], tmp_path / "new"))
    csrf = csrf_of(client)
    assert client.post("/runs/run/audit/begin", data={"csrf": csrf}).status_code == 303
    asked = 0
    while "Does it speak of" in (response := client.get("/runs/run/audit")).text:
        asked += 1
        assert_harmless(response)
        told = dict.fromkeys(re.findall(r'name="(\w+_right\.\d+)"', response.text), "y")
        client.post("/runs/run/audit", data={"csrf": csrf, **told})
    assert asked


@pytest.fixture(scope="module")
def asked(hostile):
    with open_client(Desk(hostile, limits=Limits(burst=100_000))) as client:
        yield client


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_in_addresses_stay_text(asked, payload):
    client = asked
    for page, query in (
        ("reviews", {"q": payload, "order": payload, "product": payload, "since": payload}),
        ("product", {"name": payload}),
        ("theme", {"id": f"delivery.{payload}"}),
        ("compare", {"by": "product", "first": payload, "second": PAYLOADS[1]}),
    ):
        response = client.get(f"/runs/run/{page}", params=query)
        assert response.status_code in (200, 404, 422)
        assert_harmless(response)


def test_the_api_says_them_as_they_are(hostile, make_client):
    client = make_client(house=hostile)
    answer = client.get("/api/v1/runs/run/reviews?limit=500&order=row")
    assert [one["product"] for one in answer.json()["reviews"]] == PAYLOADS
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_how_many_more_answers_it_takes():
    from earful.serve.views.answers import needed

    row = {"claim_error": 10 / 1.959964, "n_rated": 100}
    assert needed(row, 10, 0.95) in ((100, 0), (101, 1))
    assert needed(row, 5, 0.95)[0] in (400, 401)
    assert needed(row, 20, 0.95) == (25, 0) or needed(row, 20, 0.95) == (26, 0)
    assert needed({"claim_error": None, "n_rated": 5}, 5, 0.95) is None
    assert needed({"claim_error": 3.0, "n_rated": 0}, 5, 0.95) is None
