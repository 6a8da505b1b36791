"""The report: complete, self-contained, the same bytes twice, and unmoved by hostile input."""

import base64
import hashlib
import itertools
import json
import re
import shutil
from datetime import UTC, datetime

import pytest

from earful.errors import EarfulError, RunError
from earful.report import write_report

SECTIONS = [
    "summary", "products", "touchpoints", "cells", "maps", "time", "themes", "drivers", "mismatches",
    "languages", "rows", "making",
]  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe evil",
    "x" * 10_000,
    "😀" * 300,
    '=HYPERLINK("http://evil.example","click")',
    "{{ 7 * 7 }}{% raw %}",
    "'; DROP TABLE loyalty; --",
    "a\x00b\x07\x1b[31m",
    "</style></svg></title>",
]


def test_every_section_is_there_once_and_in_the_contents(full, parse):
    page = parse(write_report(full.write()))
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert links[1 : len(SECTIONS) + 1] == [f"#{name}" for name in SECTIONS]
    assert all(page.ids[name] == 1 for name in SECTIONS)


@pytest.mark.parametrize(
    ("days", "told"),
    [((4, 4), "Feedback of 4 May 2026."), ((4, 6), "Feedback from 4 May 2026 to 6 May 2026.")],
)
def test_feedback_of_one_day_is_told_as_that(builder, parse, days, told):
    for day in days:
        builder.review("good", created_at=datetime(2026, 5, day, 9, tzinfo=UTC))
    assert told in parse(write_report(builder.write())).words()


def test_the_headline_is_said_with_its_interval_and_scale(full, parse):
    words = parse(write_report(full.write())).words()
    assert "−12 between −19 and −5, 95 % claim interval" in words
    assert "NPS 0-10, promoters 9-10, detractors 0-6" in words
    assert "Measured NPS 0 −60 to +60" in words
    assert "8 rows read = 5 accepted + 3 rejected." in words


def test_the_same_folder_gives_the_same_bytes(full, tmp_path):
    run = full.write()
    first = write_report(run).read_bytes()
    shutil.copytree(run, tmp_path / "elsewhere")
    assert write_report(tmp_path / "elsewhere", tmp_path / "other.html").read_bytes() == first
    assert not list(run.glob("*.tmp"))


def test_the_page_needs_nothing_from_outside(full, parse):
    page = parse(write_report(full.write()))
    for tag, attrs in page.tags:
        assert tag not in {"link", "img", "iframe", "object", "form", "base"}
        assert "style" not in attrs
        assert "src" not in attrs
        assert not any(name.startswith("on") for name in attrs)
        for name in ("href", "src"):
            assert attrs.get(name, "#").startswith("#")
    assert "http://" not in page.source
    assert "https://" not in page.source
    assert "url(" not in page.source


def test_the_policy_allows_the_page_s_own_style_and_nothing_else(full):
    source = write_report(full.write()).read_text(encoding="utf-8")
    css = re.search(r"<style>(.*?)</style>", source, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', source).group(1).replace("&#39;", "'")
    (script,) = re.findall(r"<script>(.*?)</script>", source, re.DOTALL)
    own = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        f"script-src 'sha256-{own}'"
    )


def test_headings_never_skip_a_level_and_links_land(full, parse):
    page = parse(write_report(full.write()))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert max(page.ids.values()) == 1
    for tag, attrs in page.tags:
        if tag == "a":
            assert attrs["href"][1:] in page.ids
    labelled = [attrs["aria-labelledby"] for _, attrs in page.tags if "aria-labelledby" in attrs]
    assert labelled
    assert all(name in page.ids for name in labelled)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_stay_words(full, parse, name):
    full.group("product", -50.0, 5.0, product=name, n=80)
    full.group("touchpoint", -50.0, 5.0, touchpoint=name, n=80)
    full.group("product,touchpoint", 1.0, 5.0, product=name, touchpoint=name, n=80)
    row = full.review(
        f"{name[:60]} bad", score=-1.0, product=name, touchpoint=name, lang=name[:3],
        mismatch="score_above_text", mismatch_q=0.001,
    )  # fmt: skip
    full.mention(row, name, "bad", "negative", -1.0)
    full.theme(name, 99, 1, label=name)
    full.driver(name, name[:40], -8.0)
    full.reject(name, {name: name})
    full.manifest |= {"model": {"name": name, name: name}, "warnings": [name]}
    full.manifest["inputs"][0] |= {"source": name, "mapping": {name: name}, "notes": [name]}
    full.manifest["inputs"][0]["scales"] = {name: name}
    for row in full.tables["loyalty"]:
        row["scale"] = name
    page = parse(write_report(full.write()))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"img"}
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    assert not any(attr.startswith("on") for _, attrs in page.tags for attr in attrs)
    assert sum(tag == "style" for tag, _ in page.tags) == 1
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", page.source)
    assert name[:3] in page.text or "\x00" in name
    assert len(page.source) < 200_000
    for match in re.finditer("\u202e", page.source):
        opened = page.source.rfind("<", 0, match.start())
        tag = re.match(r"<(\w+)([^>]*)", page.source[opened:])
        assert tag.group(1) in {"bdi", "title", "blockquote", "option", "mark"} or "\u202e" in tag.group(0), (
            tag
        )


def test_a_half_of_a_surrogate_pair_in_the_manifest_does_not_stop_the_report(full):
    full.manifest["warnings"] = ["a\ud800b"]
    assert "a\N{REPLACEMENT CHARACTER}b" in write_report(full.write()).read_text(encoding="utf-8")


def test_quotes_keep_their_language_and_highlight_the_term(full, parse):
    page = parse(write_report(full.write()))
    assert ("blockquote", {"dir": "auto", "lang": "ru"}) in page.tags
    assert "<mark>delivery took three weeks</mark>" in page.source
    assert "<mark>опоздала</mark>" in page.source


def test_a_run_without_rows_says_so(builder, parse):
    words = parse(write_report(builder.write())).words()
    assert "No row was accepted" in words
    assert "0 rows read = 0 accepted + 0 rejected." in words


def test_only_rejects(builder, parse):
    builder.reject("no words and no score", {})
    words = parse(write_report(builder.write())).words()
    assert "1 row read = 0 accepted + 1 rejected." in words
    assert "no words and no score" in words


def test_sections_without_anything_to_show_are_left_out(builder, parse):
    builder.review("Fine", score=0.5)
    builder.group("overall", 30.0, 40.0, n=1, grade="D")
    page = parse(write_report(builder.write()))
    assert {name for name in SECTIONS if page.ids[name]} == {"summary", "languages", "rows", "making"}


@pytest.mark.parametrize("value", [float("nan"), None, float("inf")])
def test_numbers_that_are_missing_show_as_dashes(full, parse, value):
    for name in ("loyalty", "themes", "drivers"):
        for row in full.tables[name]:
            row.update({key: value for key, old in row.items() if isinstance(old, float)})
    for row in full.tables["reviews"]:
        row.update({key: value for key, old in row.items() if isinstance(old, float)})
    words = parse(write_report(full.write())).words()
    assert "no index" in words
    assert "nan" not in words.lower()
    assert "inf" not in re.findall(r"[a-z]+", words.lower())


def test_a_theme_s_praise_and_complaint_are_told_apart_or_else_told_together(full, parse):
    full.driver("delivery.speed", "any", -2.2)
    full.driver("store.queue", "any", -6.6)
    source = write_report(full.write()).read_text(encoding="utf-8")
    assert "−4.2" in source
    assert "−2.2" not in source
    assert "−6.6" in source


def test_small_groups_get_a_range_and_no_place(full, parse):
    page = parse(write_report(full.write()))
    line = re.search(r'<tr role="row" class="few">.*?</tr>', page.source, re.DOTALL).group(0)
    assert "Rug" in line
    assert "−50 to +50" in line
    assert '<td role="cell" class="place"></td>' in line
    assert "<circle" not in line


def test_places_say_which_ranks_the_intervals_allow(builder):
    builder.review("x")
    for name, index in (("A", 50.0), ("B", 20.0), ("C", 18.0), ("D", -40.0)):
        builder.group("product", index, 5.0, product=name, n=100)
    source = write_report(builder.write()).read_text(encoding="utf-8")
    assert re.findall(r'class="place">([^<]*)<', source) == ["1", "2–3", "2–3", "4"]


def test_two_thousand_products_are_capped_and_counted(builder, parse):
    builder.review("x")
    for k in range(2000):
        builder.group("product", 90.0 - 0.09 * k, 3.0, product=f"Item {k:04d}", n=50 if k % 4 else 5)
    page = parse(write_report(builder.write()))
    words = page.words()
    assert "1,460 more products between these" in words
    assert "488 more products with a range only" in words
    assert "Item 0001" in words
    assert "Item 1999" in words
    assert len(page.source) < 200_000


def test_one_product_is_shown_without_a_comparison(builder, parse):
    builder.review("x", product="Only")
    builder.group("overall", 10.0)
    builder.group("product", 10.0, product="Only")
    words = parse(write_report(builder.write())).words()
    assert "Only" in words
    assert "highest product" not in words


def test_missing_tables_count_as_empty(full, parse):
    run = full.write()
    for name in ("themes.parquet", "drivers.parquet", "mentions.parquet", "rejects.jsonl", "manifest.json"):
        (run / name).unlink()
    page = parse(write_report(run))
    assert page.ids["products"] == 1
    assert page.ids["themes"] == 0
    assert "5 rows read = 5 accepted + 0 rejected." in page.words()


def test_a_manifest_of_any_shape_is_taken(full, parse):
    run = full.write()
    shapes = {
        "inputs": {"a": 1},
        "rows": [],
        "config": 7,
        "model": "m",
        "warnings": "w",
        "seconds": "x",
    }
    (run / "manifest.json").write_text(json.dumps(shapes), encoding="utf-8")
    assert parse(write_report(run)).ids["making"] == 1


def test_accounts_that_do_not_add_up_are_pointed_out(full, parse):
    full.manifest["rows"] = {"read": 99}
    assert "This does not add up" in parse(write_report(full.write())).words()


def test_a_folder_that_is_no_run_is_one_clear_line(tmp_path):
    with pytest.raises(RunError, match="is not a run folder"):
        write_report(tmp_path)
    with pytest.raises(RunError, match="does not exist"):
        write_report(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["loyalty.parquet", "reviews.parquet", "manifest.json"])
def test_a_damaged_file_is_one_clear_line(full, name):
    run = full.write()
    (run / name).write_bytes(b"PAR1 nothing of the kind")
    with pytest.raises(RunError, match="cannot be read") as caught:
        write_report(run)
    assert "\n" not in str(caught.value)
    assert not (run / "report.html").exists()


def test_a_place_that_cannot_be_written_is_one_clear_line(full, tmp_path):
    run = full.write()
    for place in (tmp_path / "no" / "such" / "folder.html", tmp_path, run / "manifest.json" / "x"):
        with pytest.raises(EarfulError, match="cannot be written"):
            write_report(run, place)
    assert not list(tmp_path.parent.glob("*.tmp"))


def test_folders_with_odd_names_are_read(full, tmp_path, parse):
    odd = tmp_path / "it's [a] *run* ; DROP"
    shutil.copytree(full.write(), odd)
    assert parse(write_report(odd)).ids["products"] == 1


def test_without_nps_answers_the_ratings_stand_beside_the_index(builder, parse):
    stars = {"rating": 4.0, "rating_min": 1.0, "rating_max": 5.0}
    builder.review("x", score=0.5, **stars)
    builder.group("overall", 10.0)
    builder.group("product", 10.0, product="Lamp", mean_rating=0.5)
    page = parse(write_report(builder.write()))
    assert re.search(r'data-of="Mean rating">3\.0</td>', page.source)
    assert "none asked" not in page.source
    assert "every customer. Nobody was asked the NPS question" in page.words()


def test_wide_ranges_come_in_order_of_the_index_before_small_ones(builder):
    builder.review("x")
    for name, index, n in (("Low", -40.0, 500), ("High", 40.0, 90), ("Small", 90.0, 9), ("Tiny", 95.0, 2)):
        builder.group("product", index, 55.0, product=name, n=n, grade="D")
    source = write_report(builder.write()).read_text(encoding="utf-8")
    names = re.findall(r'<th role="rowheader" scope="row"><bdi>(\w+)<', source.partition('id="languages"')[0])
    assert names == ["High", "Low", "Small", "Tiny"]
    assert (
        source.index("interval too wide") < source.index("High") < source.index("fewer than 30 reviews</td>")
    )


def test_drivers_say_what_is_left_with_the_others_held_equal_and_what_kind_of_theme_it_is(builder, parse):
    builder.group("overall", -10.0)
    builder.theme("delivery.speed", 30, 10, "Delivery speed")
    builder.driver(
        "delivery.speed", "negative", -4.2, adjusted=-2.5, adjusted_low=-3.0, adjusted_high=-2.0, kind="basic"
    )
    builder.driver("price.value", "positive", 3.0, kind="undetermined")
    words = parse(write_report(builder.write())).words()
    assert "Others held equal" in words
    assert "−2.5 −3.0 to −2.0" in words
    assert "negative basic" in words
    assert "undetermined" not in words
