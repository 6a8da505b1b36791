"""Slides and summary: complete, in any language, and unmoved by hostile input."""

import re
import zipfile

import pytest

from earful.report import write_slides, write_summary

HOSTILE = "</a:t><script>x</script>\x00\x0b\u202e=1+1 | a [b](http://evil.example) `c` <img src=x>"


def slide_texts(path):
    from pptx import Presentation

    deck = Presentation(str(path))
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    return [shape.text_frame.text for shape in shapes if shape.has_text_frame], shapes


def test_slides_hold_index_groups_and_themes_as_native_charts(full, tmp_path):
    texts, shapes = slide_texts(write_slides(full.write(), tmp_path / "run.pptx"))
    assert "−12" in texts
    assert any("−19 to −5" in text for text in texts)
    charts = [shape.chart for shape in shapes if shape.has_chart]
    assert len(charts) == 3
    products = charts[0].plots[0]
    assert list(products.categories) == ["Lamp", "Desk"]
    assert list(products.series[0].values) == [20.0, -30.0]
    assert "errBars" in charts[0]._chartSpace.xml


@pytest.mark.parametrize("language", ["ru", "bg", "lv"])
def test_slides_and_summary_speak_the_language(full, tmp_path, language):
    title = {"ru": "Отчёт о лояльности", "bg": "Доклад за лоялността", "lv": "Lojalitātes pārskats"}[language]
    run = full.write()
    assert title in slide_texts(write_slides(run, tmp_path / "run.pptx", lang=language))[0]
    text = write_summary(run, tmp_path / "summary.md", lang=language).read_text(encoding="utf-8")
    assert text.startswith(f"# {title}\n")


def test_hostile_names_stay_names_and_fit(full, tmp_path):
    full.group("product", -50.0, 5.0, product=HOSTILE * 40, n=80)
    full.theme("x.y", 90, 1, label=HOSTILE)
    row = full.review(HOSTILE, score=-1.0, product=HOSTILE * 40)
    full.mention(row, "x.y", "script", "negative", -1.0)
    run = full.write()
    path = write_slides(run, tmp_path / "run.pptx")
    texts, _ = slide_texts(path)
    assert max(map(len, texts)) < 1500
    with zipfile.ZipFile(path) as parts:
        assert not [name for name in parts.namelist() if "vba" in name or "externalLink" in name]
        relations = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".rels"))
    assert "evil.example" not in relations
    text = write_summary(run, tmp_path / "summary.md").read_text(encoding="utf-8")
    assert not re.search(r"(?<!\\)<(script|img)", text)
    assert not re.search(r"(?<!\\)\]\(http", text)
    rows = [line for line in text.splitlines() if "script" in line and line.startswith("|")]
    assert rows
    assert all(len(re.findall(r"(?<!\\)\|", line)) in (4, 7) for line in rows)


def test_a_run_without_rows_still_has_both(builder, tmp_path):
    run = builder.write()
    assert slide_texts(write_slides(run, tmp_path / "run.pptx"))[0]
    assert "no index" in write_summary(run, tmp_path / "summary.md").read_text(encoding="utf-8")


def test_the_summary_holds_index_findings_groups_and_themes(full, tmp_path):
    text = write_summary(full.write(), tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "**Estimated loyalty index: −12** (−19 to −5)" in text
    assert "| 1 | Lamp | +20 (+14 to +26) |" in text
    assert "| Delivery speed | 30 / 10 |" in text
