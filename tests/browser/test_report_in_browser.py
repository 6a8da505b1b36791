"""The report as a reader meets it: opened from disk, on a desk and a phone, in the light and the dark."""

import pytest

from earful.report import write_report

pytestmark = pytest.mark.browser

#: Elements that reach past the right edge and do not stand in a scroller of their own.
SPILT = """
[...document.querySelectorAll("body *")].filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.right > innerWidth + 1 && !element.closest(".scroller, svg, .skip");
}).map(element => element.tagName + "." + element.className + ": " + element.textContent.slice(0, 60))
"""
#: Smallest ratio of contrast between text and what lies behind it, and the words it was found at.
CONTRAST = """
(() => {
    const parse = colour => colour.match(/[\\d.]+/g).map(n => colour.startsWith("color(") ? 255 * n : +n);
    const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (!/^rgba\\(.*, 0\\)$/.test(colour)) return colour;
        }
        return "rgb(255, 255, 255)";
    };
    let worst = [99, ""];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        if (!own || element.closest("svg, title")) continue;
        const [a, b] = [getComputedStyle(element).color, behind(element)].map(c => luminance(parse(c)));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < worst[0]) worst = [ratio, element.textContent.slice(0, 40)];
    }
    return worst;
})()
"""


@pytest.fixture
def page(full):
    full.group("product", -50.0, 5.0, product="W" * 10_000, n=80)
    full.group("product", -55.0, 5.0, product="<script>document.title='owned'</script>", n=80)
    full.group("product,touchpoint", -55.0, 5.0, product="W" * 10_000, touchpoint="support", n=80)
    full.review("unbroken" * 800, score=-0.9, mismatch="score_above_text", mismatch_q=0.001)
    full.reject("R" * 3000, {"C" * 3000: "V" * 3000})
    full.manifest["command"] = "earful analyze " + "x" * 2000
    return write_report(full.write()).as_uri()


def complaints(browser):
    said = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
    return [event["params"] for event in browser.events if event["method"] in said]


@pytest.mark.parametrize(("width", "mobile"), [(1280, False), (390, True)])
def test_the_page_opens_without_a_complaint_or_a_request(browser, page, width, mobile):
    browser.open(page, width, mobile=mobile)
    requests = [
        e["params"]["request"]["url"] for e in browser.events if e["method"] == "Network.requestWillBeSent"
    ]
    assert requests == [page]
    assert complaints(browser) == []
    assert browser.evaluate("document.title").startswith("Loyalty report: −12")
    assert browser.evaluate("document.querySelectorAll('script').length") == 1


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_scrolls_sideways(browser, page, width):
    browser.open(page, width, mobile=width < 600)
    browser.evaluate("document.querySelectorAll('details').forEach(element => { element.open = true })")
    assert browser.evaluate("document.documentElement.scrollWidth") == width
    assert browser.evaluate(SPILT) == []


@pytest.mark.parametrize("dark", [False, True])
def test_words_stand_out_from_what_is_behind_them(browser, page, dark):
    browser.open(page, 1280, dark=dark)
    ratio, words = browser.evaluate(CONTRAST)
    assert ratio >= 4.5, f"{words!r} has a contrast of {ratio:.1f}"


def test_the_styles_pass_the_page_s_own_policy(browser, page):
    browser.open(page, 1280)
    assert browser.evaluate("getComputedStyle(document.querySelector('.page')).display") == "grid"


def test_an_empty_run_opens_too(browser, tmp_path, builder):
    browser.open(write_report(builder.write()).as_uri(), 390, mobile=True)
    assert complaints(browser) == []
    assert "No row was accepted" in browser.evaluate("document.body.innerText")


def test_a_table_sorts_by_its_heads_and_is_whole_again(browser, page):
    browser.open(page, 1280)
    column = "[...document.querySelectorAll('#products tbody:first-of-type th')].map(th => th.textContent)"
    given = browser.evaluate(column)
    button = "document.querySelectorAll('#products thead button')[1]"
    state = f"{button}.closest('th').getAttribute('aria-sort')"
    browser.evaluate(f"{button}.click()")
    assert browser.evaluate(state) == "descending"
    browser.evaluate(f"{button}.click()")
    assert browser.evaluate(state) == "ascending"
    values = browser.evaluate(
        "[...document.querySelectorAll('#products tbody:first-of-type tr')].map(tr => +tr.cells[3].dataset.v)"
    )
    assert values == sorted(values)
    browser.evaluate(f"{button}.click()")
    assert browser.evaluate(state) is None
    assert browser.evaluate(column) == given


def test_a_table_is_filtered_and_says_how_much_is_left(browser, full):
    for number in range(12):
        full.theme(f"x.y{number}", 10 - number % 5, 1, label=f"Theme {number}")
    browser.open(write_report(full.write(), lang="lv").as_uri(), 1280)
    browser.evaluate(
        "(field => { field.value = 'theme 11'; field.dispatchEvent(new Event('input')) })"
        "(document.querySelector('#themes .tools input'))"
    )
    left = "[...document.querySelectorAll('#themes tbody tr:not([hidden]) th')].map(th => th.textContent)"
    assert browser.evaluate(left) == ["Theme 11"]
    said = browser.evaluate("document.querySelector('#themes [role=status]').textContent")
    assert said == "rādīts: 1 no 14"


@pytest.mark.parametrize("language", ["ru", "bg", "lv"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_language_is_too_long_for_its_place(browser, full, language, width):
    browser.open(write_report(full.write(), lang=language).as_uri(), width, mobile=width < 600)
    assert browser.evaluate("document.documentElement.scrollWidth") == width
    assert browser.evaluate(SPILT) == []
    assert complaints(browser) == []
