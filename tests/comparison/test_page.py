"""The page of a comparison and what the terminal says: whole, escaped, the same for the same runs."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from typer.testing import CliRunner

import earful
from earful.cli.app import app
from earful.errors import ConfigError
from tests.report.test_languages import english_left

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=HYPERLINK(1)",
    "[red]bold[/red]",
    "{{ 7 * 7 }}",
    "</style></svg></title>",
    "x" * 5000,
    "a\x00b\x1b[31m",
]
VOID = {"meta", "link", "br", "img", "line", "rect", "circle", "path"}


class Balanced(HTMLParser):
    """Takes a page apart and minds that every tag is closed."""

    def __init__(self, source):
        super().__init__()
        self.open, self.text, self.attributes = [], "", []
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


@pytest.fixture
def hostile(make_run):
    """Two runs whose products and words are hostile; some products part, and one stands in one run alone."""

    def reviews(names, mood, flag=None):
        found = []
        for product in names:
            for k in range(30):
                odd = product == HOSTILE[1] or k % 7 == 0
                found.append(
                    {
                        "mood": mood if k % 2 else -mood,
                        "nps": 1 if odd else (10 if k % 2 else 2),
                        "product": product,
                        "text": f"{HOSTILE[k % 8]} words",
                        "mismatch": "text_above_score" if flag and odd and k % 2 else None,
                    }
                )
        return found

    mentions = [
        {"row": row, "theme": "delivery.speed", "polarity": ("negative", "positive")[row % 2], "end": 6}
        for row in range(200)
    ]
    before = make_run(reviews(HOSTILE[:7], 0.8, flag=True), "<b>before", mentions)
    return before, make_run(reviews(HOSTILE[1:], 0.4), "after [red]", mentions[:150])


def written(comparison, folder):
    source = comparison.write(folder).read_text(encoding="utf-8")
    return source, Balanced(source)


@pytest.mark.parametrize("mode", ["sides", "changes"])
def test_hostile_names_and_words_stay_text(hostile, tmp_path, mode):
    runs = hostile[:1] if mode == "sides" else hostile
    source, page = written(earful.compare(*runs), tmp_path / "out")
    assert "<script" not in source
    assert "onerror=alert" in page.text
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert not re.search(r"(?:src|href)=\"(?!#)", source)
    assert "\x00" not in source
    assert "\x1b" not in source
    assert "{{ 7 * 7 }}" in page.text
    assert "x" * 500 not in source
    csv = (tmp_path / "out" / "compare.csv").read_text(encoding="utf-8")
    assert '"=HYPERLINK' not in csv
    assert "'=HYPERLINK" in csv


def test_the_page_loads_nothing_and_its_styles_are_the_ones_allowed(hostile, tmp_path):
    source, page = written(earful.compare(hostile[0]), tmp_path)
    policy = next(value for name, value in page.attributes if value and value.startswith("default-src"))
    css = re.search(r"<style>(.*?)</style>", source, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert " style=" not in source


def test_the_page_says_what_parts_with_the_words_behind_it(hostile, tmp_path):
    _, page = written(earful.compare(hostile[0]), tmp_path)
    words = " ".join(page.text.split())
    assert "1 product parts beyond chance" in words
    assert "the words are better" in words
    assert "Words better than the answer, flagged by the run" in words
    assert "Most complained of" in words
    assert "agrees with it partly by construction" in words
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = [value for name, value in page.attributes if name == "href"]
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_the_page_of_two_runs_lists_what_is_in_one_alone(hostile, tmp_path):
    _, page = written(earful.compare(*hostile), tmp_path)
    words = " ".join(page.text.split())
    assert "<b>before alone: 1 product" in words
    assert "after [red] alone: 1 product" in words
    assert "No product has enough reviews" not in words


@pytest.mark.parametrize("language", ["ru", "bg", "lv"])
@pytest.mark.parametrize("mode", ["sides", "changes"])
def test_the_page_is_written_in_every_language(hostile, tmp_path, mode, language):
    runs = hostile[:1] if mode == "sides" else hostile
    found = earful.compare(*runs)
    source = found.write(tmp_path, lang=language).read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in source
    given = [*HOSTILE, "words", "test", "csv", "before", "after", "reviews"]
    assert english_left(source, given, language) == set()
    english = found.write(tmp_path / "en").read_text(encoding="utf-8")
    # The drawings, and so the numbers, are the same.
    assert re.findall(r'cx="([^"]*)"', source) == re.findall(r'cx="([^"]*)"', english)


def test_the_language_is_that_of_the_run_and_another_is_refused(hostile, tmp_path):
    manifest = json.loads((hostile[0] / "manifest.json").read_text(encoding="utf-8"))
    manifest["config"]["report"] = {"lang": "lv"}
    (hostile[0] / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    found = earful.compare(hostile[0])
    assert '<html lang="lv">' in found.write(tmp_path).read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="allowed: en, ru, bg, lv"):
        found.write(tmp_path, lang="de")
    result = CliRunner().invoke(app, ["compare", str(hostile[0]), "--lang", "bg", "-o", str(tmp_path / "bg")])
    assert result.exit_code == 0
    assert '<html lang="bg">' in (tmp_path / "bg" / "compare.html").read_text(encoding="utf-8")


def test_the_report_says_what_changed_since_the_run_before(hostile, tmp_path):
    before, after = map(str, hostile)
    page = tmp_path / "report.html"
    result = CliRunner().invoke(app, ["report", after, "--before", before, "--html", str(page)])
    assert result.exit_code == 0, result.stderr
    source = page.read_text(encoding="utf-8")
    taken = Balanced(source)
    words = " ".join(taken.text.split())
    assert "Since the run before" in words
    assert "This run set against <b>before" in words
    assert ("id", "since") in taken.attributes
    result = CliRunner().invoke(
        app, ["report", after, "--before", before, "--html", str(page), "--lang", "ru"]
    )
    assert result.exit_code == 0, result.stderr
    assert "Что изменилось с прошлого раза" in page.read_text(encoding="utf-8")
    result = CliRunner().invoke(app, ["report", after, "--html", str(page)])
    assert result.exit_code == 0
    assert 'id="since"' not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("other", "said"), [("nowhere", "nowhere: does not exist"), ("same", "is compared with itself")]
)
def test_a_run_before_that_cannot_be_is_refused(hostile, tmp_path, other, said):
    before = str(hostile[0]) if other == "same" else other
    page = tmp_path / "report.html"
    result = CliRunner().invoke(app, ["report", str(hostile[0]), "--before", before, "--html", str(page)])
    assert result.exit_code == 1
    assert said in result.stderr
    assert not page.exists()


@pytest.mark.parametrize("answers", [{"nps": 9}, {"rating": 5}])
def test_a_run_with_one_product_and_no_spread_has_a_page(make_run, tmp_path, answers):
    folder = make_run([{"mood": 0.5, "product": "only"} | answers] * 25)
    found = earful.compare(folder)
    _, page = written(found, tmp_path)
    assert "too few to correlate" in page.text
    assert any("Only 1 product can be compared" in note for note in found.notes)


def test_the_command(hostile, tmp_path):
    before, after = hostile
    result = CliRunner().invoke(app, ["compare", str(before)])
    assert result.exit_code == 0
    assert (before / "compare" / "compare.html").is_file()
    assert "[red]bold[/red]" in result.stdout
    assert "1 of 7 products parts" in result.stdout
    assert "\x1b" not in result.stdout
    result = CliRunner().invoke(
        app, ["compare", str(before), "--with", str(after), "-o", str(tmp_path / "to")]
    )
    assert result.exit_code == 0
    assert (tmp_path / "to" / "compare_themes.csv").is_file()
    assert "In compare.csv: " in result.stdout
    assert "From <b>before to after [red]" in result.stdout
    quiet = CliRunner().invoke(app, ["compare", str(before), "-q", "--by", "product"])
    assert (quiet.exit_code, quiet.stdout) == (0, "")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nowhere"], "earful: nowhere: does not exist"),
        (["--by", "touchpoint"], "has no groups by touchpoint; allowed: product"),
        (["--by", "colour"], "earful: --by: cannot compare by 'colour'; allowed: product; touchpoint"),
        (["--measured", "csat"], "has no answers for 'csat'"),
        (["-o", "FILE"], "is a file; allowed: a folder"),
    ],
)
def test_errors_are_one_line(make_run, tmp_path, args, said):
    folder = make_run([{"mood": 0.5, "nps": 9, "product": "p"}] * 3)
    (tmp_path / "file").touch()
    args = [str(tmp_path / "file") if arg == "FILE" else arg for arg in args]
    result = CliRunner().invoke(app, ["compare", *(args if args == ["nowhere"] else [str(folder), *args])])
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_run_that_is_made_again_drops_its_comparisons_and_nothing_else(make_run, tmp_path):
    folder = make_run([{"mood": 0.5, "nps": 9, "product": "p"}] * 25)
    earful.compare(folder).write(folder / "compare")
    kept = folder / "compare-with-old"
    kept.mkdir()
    (kept / "compare.html").touch()
    (kept / "mine.txt").touch()
    source = tmp_path / "reviews.csv"
    source.write_text("review,nps,product\nGreat lamp,10,lamp\n")
    earful.analyze(source, folder)
    assert not (folder / "compare").exists()
    assert [path.name for path in kept.iterdir()] == ["mine.txt"]
