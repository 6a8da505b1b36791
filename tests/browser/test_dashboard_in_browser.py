"""The dashboard as people meet it: a file becomes a run, a number leads to reviews, what is wrong, mended."""

import re
import shutil
import time
from contextlib import contextmanager

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from playwright.sync_api import expect

from earful.serve.desk import Desk
from earful.serve.house import House
from earful.serve.policy import Limits
from scripts.live import opened_browser, running
from tests.browser.test_report_in_browser import CONTRAST, SPILT

pytestmark = pytest.mark.browser

#: Milliseconds that a page may take on a busy machine.
PATIENCE = 90_000
expect.set_options(timeout=PATIENCE)
#: Seconds that a small job may take there.
JOB = 120.0
PAGES = (
    *("", "products", "touchpoints", "themes", "time", "reviews", "compare", "workshop", "audit", "method"),
    "answers",
)
#: Pages beside those of a run.
MORE = (
    "/",
    "/new",
    "/api",
    "/runs/demo/reviews/3",
    "/runs/demo/theme?id=delivery.speed",
    "/runs/demo/product?name=Pilot%20robot%20vacuum",
)
TEXTS = (
    ("The parcel came two weeks late and nobody told me why.", 2),
    ("Lovely staff and fast delivery, thank you!", 10),
    ("The courier was rude and threw the parcel over the fence.", 1),
    ("Good quality for the price.", 9),
)
CSV = "when,body,shop,points\n" + "".join(
    f'2026-0{1 + n % 3}-03,"{text}",{("north", "south")[n % 2]},{points}\n'
    for n, (text, points) in enumerate(TEXTS * 12)
)


@pytest.fixture(scope="module")
def chrome():
    # Closed with this module: while it is open, no other test could run a loop of its own.
    with opened_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def desk(demo_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    shutil.copytree(demo_run.path, folder / "demo")
    return Desk(House([folder / "demo"], folder / "new"), limits=Limits(burst=5000), model="fast")


@pytest.fixture(scope="module")
def base(desk):
    with running(desk) as address:
        yield address


@contextmanager
def opened(chrome, base, **more):
    """Open a page that must say nothing on its console: no error, no breach of the policy."""
    context = chrome.new_context(**{"base_url": base, "viewport": {"width": 1280, "height": 900}} | more)
    context.set_default_timeout(PATIENCE)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert said == []


@pytest.fixture
def page(chrome, base):
    with opened(chrome, base) as page:
        yield page


def wait_for_job(page):
    """Follow a job on its page until it is done; the page follows it by itself."""
    until = time.monotonic() + JOB
    while time.monotonic() < until:
        state = page.locator("[data-state]").text_content()
        assert state != "failed", page.locator("main").text_content()
        if state == "done" and page.get_by_role("link", name="Open the run").is_visible():
            return
        page.wait_for_timeout(200)
    raise AssertionError("the job did not end")


def number(text):
    return int(re.sub(r"\D", "", text))


def test_a_file_becomes_a_run_that_is_corrected_and_whose_themes_are_changed(page, tmp_path):
    file = tmp_path / "shops.csv"
    file.write_text(CSV, encoding="utf-8")
    page.goto("/")
    page.get_by_role("link", name="New run", exact=True).click()
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Look at it").click()

    # The preview says how it would be read, and takes a word against it.
    expect(page.locator("#m-text")).to_have_value("body")
    expect(page.locator("#m-product")).to_have_value("shop")
    expect(page.locator("table.preview")).to_contain_text("two weeks late")
    page.locator("#m-product").select_option("")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("#m-product")).to_have_value("")
    page.locator("#m-product").select_option("shop")
    page.locator("#model").select_option("fast")
    page.get_by_role("button", name="Analyse 48 rows").click()

    # It is followed, and opens.
    expect(page.locator("progress")).to_be_visible()
    wait_for_job(page)
    expect(page.locator("[data-rows]")).to_have_text("48 of 48 rows")
    page.get_by_role("link", name="Open the run").click()
    expect(page.locator("h1")).to_have_text("shops")
    negative = page.locator(".cards li", has_text="Words").locator(".value").text_content()

    # From a number to a review, with the words marked that it was counted by.
    page.get_by_role("link", name="Themes", exact=True).click()
    page.get_by_role("link", name="Courier and hand-over").first.click()
    complaints = page.locator(".cards li", has_text="Complaints").locator(".value a")
    said = number(complaints.text_content())
    complaints.click()
    expect(page.locator("article.review mark.neg").first).to_contain_text("courier")
    assert 0 < page.locator("article.review").count() <= said
    page.locator("article.review").first.get_by_role("link", name="open").click()
    expect(page.locator(".one mark").first).to_be_visible()

    # A person knows better: the review changes, and the numbers with it.
    page.locator("#c-what").select_option("sentiment=positive")
    page.get_by_role("button", name="Put it right").click()
    wait_for_job(page)
    page.get_by_role("link", name="Back to the review").click()
    expect(page.locator("dl.facts")).to_contain_text("positive")
    page.get_by_role("link", name="shops").first.click()
    assert page.locator(".cards li", has_text="Words").locator(".value").text_content() != negative

    # Two themes become one, are parted again, and become one in a run of its own.
    page.get_by_role("link", name="Workshop").click()
    page.get_by_role("button", name="Begin a copy").click()
    for again in (False, True):
        page.locator("#m-themes").select_option("delivery.courier")
        page.locator("#m-into").select_option("delivery.speed")
        page.get_by_role("button", name="Merge").click()
        expect(page.locator(".log")).to_contain_text("delivery.courier merged into delivery.speed")
        expect(page.locator("#m-themes option[value='delivery.courier']")).to_have_count(0)
        if not again:
            page.get_by_role("button", name="Undo the last change").click()
            expect(page.locator("#m-themes option[value='delivery.courier']")).to_have_count(1)
    page.get_by_role("button", name="Apply to this run").click()
    wait_for_job(page)
    page.get_by_role("link", name="Open the run").click()
    expect(page.locator("h1")).to_have_text("shops-themes")
    page.get_by_role("link", name="Themes", exact=True).click()
    expect(page.locator("main")).not_to_contain_text("Courier and hand-over")


def test_a_job_is_stopped_and_gone_on_with(page, desk, tmp_path, monkeypatch):
    from tests.serve.test_jobs import played

    monkeypatch.setattr(desk.jobs, "_command", played("wait"))
    file = tmp_path / "slow.csv"
    file.write_text(CSV, encoding="utf-8")
    page.goto("/new")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Analyse").click()
    expect(page.locator("[data-rows]")).to_have_text("5 of 10 rows")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-state]")).to_have_text("stopped")
    page.get_by_role("button", name="Go on where it stopped").click()
    expect(page.locator("[data-doing]")).to_have_text("resumed")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-state]")).to_have_text("stopped")


def test_filters_are_followed_as_they_are_set(page):
    page.goto("/runs/demo/reviews")
    before = number(page.locator("#told").text_content().partition("review")[0])
    page.evaluate("window.stayed = true")
    page.locator("#f-sentiment").select_option("negative")
    expect(page.locator("#given")).to_contain_text("negative")
    expect(page).to_have_url(re.compile("sentiment=negative"))
    assert number(page.locator("#told").text_content().partition("review")[0]) < before
    expect(page.locator("#found article.neg").first).to_be_visible()
    assert page.evaluate("window.stayed") is True
    page.reload()
    expect(page.locator("#f-sentiment")).to_have_value("negative")


def test_another_language_keeps_the_filters_that_were_set(page):
    page.goto("/runs/demo/reviews")
    page.locator("#f-sentiment").select_option("negative")
    expect(page).to_have_url(re.compile("sentiment=negative"))
    page.get_by_role("button", name="Latviešu").click()
    expect(page.locator("html")).to_have_attribute("lang", "lv")
    expect(page.locator("#f-sentiment")).to_have_value("negative")
    page.get_by_role("button", name="English").click()


def test_a_sample_is_judged(page):
    page.goto("/runs/demo/workshop")
    page.get_by_role("link", name="How right are they?").click()
    page.get_by_role("button", name="Draw the sample").click()
    page.locator("input[value=y]").first.check()
    page.get_by_role("button", name="Keep, and show the next").click()
    expect(page.locator(".cards li", has_text="Precision")).to_contain_text("from 1 judged")


def test_three_questions_are_answered_by_clicks_alone(page):
    """What somebody new would ask, with no more knowledge than what stands on the page."""
    # Which theme to mend first for this product?
    page.goto("/runs/demo")
    page.get_by_role("link", name="Products", exact=True).click()
    page.get_by_role("link", name="Pilot robot vacuum").first.click()
    first = page.locator(".repairs li").first
    expect(first).to_be_visible()
    first.locator("a.n").click()
    expect(page.locator("ul.chips").first).to_contain_text("Pilot robot vacuum")
    expect(page.locator("article.review mark.neg").first).to_be_visible()
    # What changed in May?
    page.get_by_role("link", name="Over time", exact=True).click()
    page.get_by_role("link", name="May 2026 against Apr 2026").click()
    expect(page.locator("p.verdict")).to_contain_text("points")
    expect(page.locator("h2", has_text="What goes with the difference")).to_be_visible()
    # Where are the angry answers with high scores?
    page.get_by_role("link", name="Overview").click()
    angry = page.get_by_role("link", name="High score, angry words").first
    told = number(re.search(r"(\d+) review", angry.text_content())[1])
    angry.click()
    expect(page.locator("article.review.neg")).to_have_count(min(told, 25))
    expect(page.locator("article.review .odd").first).to_have_text("High score, angry words")


def test_pages_fit_a_phone_in_the_light_and_the_dark(chrome, base):
    for scheme in ("light", "dark"):
        phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
        with opened(chrome, base, **phone, color_scheme=scheme) as page:
            for name in PAGES:
                page.goto(f"/runs/demo/{name}".rstrip("/"))
                assert page.evaluate("document.documentElement.scrollWidth") <= 390, (name, scheme)
                spilt = page.evaluate(SPILT.replace(".skip", ".skip, .tabs, pre"))
                assert spilt == [], (name, scheme)
                ratio, words = page.evaluate(CONTRAST)
                assert ratio >= 4.5, (name, scheme, words)


def test_pages_are_whole_without_a_script(chrome, base):
    with opened(chrome, base, java_script_enabled=False) as page:
        page.goto("/runs/demo/reviews?theme=delivery.speed")
        page.locator("summary", has_text="Filter and sort").click()
        page.locator("#f-polarity").select_option("negative")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("ul.chips").first).to_contain_text("negative")


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(chrome, base, width):
    # The tool is put into the page, which the pages' own policy would not let in: for this test alone.
    from axe_playwright_python.sync_playwright import Axe

    context = chrome.new_context(base_url=base, bypass_csp=True, viewport={"width": width, "height": 900})
    context.set_default_timeout(PATIENCE)
    page, axe, found = context.new_page(), Axe(), []
    for address in (*(f"/runs/demo/{name}".rstrip("/") for name in PAGES), *MORE):
        page.goto(address)
        violations = axe.run(page).response["violations"]
        found += [
            (address, one["id"], one["nodes"][0]["html"][:200])
            for one in violations
            if one["impact"] in ("serious", "critical")
        ]
    context.close()
    assert found == []
