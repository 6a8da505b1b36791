"""Cut by any column: in every table of groups, the report, comparisons, and with another taxonomy."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import earful
from earful.cli.app import app
from earful.config import load_config
from earful.errors import ConfigError, InputError
from earful.jobs.apply import rematched, write_run
from earful.report import write_csv_files, write_report, write_workbook
from earful.themes.taxonomy import load_taxonomy

HOSTILE = "<img src=x onerror=alert(1)>"
NAME = 'la"nd <b>'
FEW = {"loyalty": {"min_reviews": 5}}


@pytest.fixture(scope="module")
def frame():
    """240 rows of three countries, two of them called what no country is, and 40 without."""
    moods = ["Great lamp, it works well.", "Delivery was late and the lamp broke.", "It is okay.", ""]
    n = 240
    return pd.DataFrame(
        {
            "review": [moods[(i + i // 12) % 4] for i in range(n)],
            "nps": [[10, 1, 7, 9][(i + i // 7) % 4] for i in range(n)],
            "product": [("lamp", "desk")[i % 2] for i in range(n)],
            "Kunde": [[HOSTILE, "=1+1", "LV", "LV", None, "LV"][i % 6] for i in range(n)],
            "date": [f"2026-{1 + i % 6:02d}-10" for i in range(n)],
            "via": [("web", "shop")[i // 120] for i in range(n)],
        }
    )


@pytest.fixture(scope="module")
def run(frame, tmp_path_factory):
    by = [f"{NAME}=Kunde", "channel"]
    return earful.analyze(frame, tmp_path_factory.mktemp("cuts") / "run", by=by, config=FEW)


def values(table, name):
    return set(table[name].astype(object).where(table[name].notna(), None))


def groups(table, grouping):
    return table[table["grouping"] == grouping]


def test_every_table_of_groups_is_cut(run):
    every = {None, "=1+1", "LV", HOSTILE}
    for name in ("loyalty", "themes", "trends"):
        cut = groups(getattr(run, name), NAME)
        assert values(cut, NAME) == every, name
        assert cut[["product", "touchpoint"]].isna().all(axis=None)
        assert groups(getattr(run, name), "product")[NAME].isna().all()
        assert set(groups(getattr(run, name), "channel")["channel"]) == {"web", "shop"}
    assert "LV" in values(groups(run.drivers, NAME), NAME) <= every
    coverage = run.table("coverage").to_pandas()
    assert values(groups(coverage, NAME), "value") <= every
    assert groups(coverage, NAME)["n_complaints"].sum() == groups(coverage, "overall")["n_complaints"].sum()


def test_groups_add_up_to_everything(run, frame):
    cut = groups(run.loyalty, NAME).set_index(NAME)["n_reviews"]
    assert cut.sum() == len(frame)
    assert cut["LV"] == (frame["Kunde"] == "LV").sum()
    assert cut[cut.index.isna()].tolist() == [frame["Kunde"].isna().sum()]
    assert run.reviews[NAME].fillna("").tolist() == frame["Kunde"].fillna("").tolist()


def test_a_cut_moves_no_other_number(run, frame, tmp_path):
    plain = earful.analyze(frame, tmp_path / "plain", config=FEW)
    for name in ("loyalty", "themes", "trends"):
        with_, without = getattr(run, name), getattr(plain, name)
        kept = with_[~with_["grouping"].isin([NAME, "channel"])][list(without.columns)].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, without)


def test_the_answer_is_the_same_for_any_order_and_batch(run, frame, tmp_path):
    shuffled = frame.iloc[np.random.default_rng(3).permutation(len(frame))]
    by = [f"{NAME}=Kunde", "channel"]
    again = earful.analyze(shuffled, tmp_path / "other", by=by, batch_size=7, workers=2, config=FEW)
    for name in ("loyalty", "themes", "trends", "emerging"):
        pd.testing.assert_frame_equal(getattr(run, name), getattr(again, name))


def test_the_report_has_a_section_and_runs_nothing(run):
    page = run.report.read_text(encoding="utf-8")
    assert 'id="by-1"' in page
    assert "By la&#34;nd &lt;b&gt;" in page
    assert "(not given)" in page
    assert HOSTILE not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    before = run.report.read_bytes()
    write_report(run.path)
    assert run.report.read_bytes() == before


def test_spreadsheets_have_the_column_and_no_formula(run, tmp_path):
    csv = (run.path / "loyalty.csv").read_text(encoding="utf-8")
    assert '"\'=1+1"' in csv
    reviews, mentions = (pd.read_csv(path) for path in write_csv_files(run.path, tmp_path))
    assert reviews[NAME].isna().sum() == 40
    assert NAME in mentions
    assert "'=1+1" in set(reviews[NAME])
    book = pd.read_excel(
        write_workbook(run.path, tmp_path / "run.xlsx"), sheet_name="loyalty", engine="calamine"
    )
    assert NAME in book
    assert "=1+1" in set(book[NAME])


def test_a_run_is_compared_by_it(run, tmp_path):
    found = earful.compare(run, by=NAME, min_reviews=5)
    assert values(found.groups, NAME) == {None, "=1+1", "LV", HOSTILE}
    assert found.home.parent == run.path
    page = found.write(tmp_path / "out").read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert "(not given)" in page
    assert NAME in pd.read_parquet(tmp_path / "out" / "compare.parquet")
    with pytest.raises(ConfigError, match=r"cannot compare by 'shop'.*analyzed with --by shop"):
        earful.compare(run, by="shop")


def test_two_runs_are_compared_by_it(run, frame, tmp_path):
    later = frame.assign(nps=[[10, 9, 9, 9][i % 4] for i in range(len(frame))])
    by = [f"{NAME}=Kunde", "channel"]
    other = earful.analyze(later, tmp_path / "later", by=by, config=FEW)
    found = earful.compare(run, other, by=NAME, min_reviews=5)
    assert values(found.groups, NAME) == {None, "=1+1", "LV", HOSTILE}
    assert (found.groups["in_runs"] == "both").all()
    missing = found.groups[found.groups[NAME].isna()].iloc[0]
    assert missing["n_reviews_before"] == missing["n_reviews_after"] == 40
    assert found.groups["index_change"].notna().all()
    assert HOSTILE not in found.write(tmp_path / "out").read_text(encoding="utf-8")
    plain = earful.analyze(later, tmp_path / "plain", config=FEW)
    with pytest.raises(ConfigError, match=r"cannot compare by"):
        earful.compare(run, plain, by=NAME)


def test_another_taxonomy_keeps_the_cuts(run, tmp_path):
    taxonomy = load_taxonomy("cx")
    mentions, aspects = rematched(run.path, taxonomy)
    made = earful.open_run(write_run(run.path, Path("cx"), mentions, aspects, tmp_path / "run"))
    pd.testing.assert_frame_equal(made.loyalty, run.loyalty)
    pd.testing.assert_frame_equal(made.themes, run.themes)


def test_personal_details_in_it_are_masked(tmp_path):
    frame = pd.DataFrame({"review": ["Good", "Bad"], "manager": ["ann.lee@example.com", "Shop 4"]})
    run = earful.analyze(frame, tmp_path / "run", by=["manager"], redact=True)
    assert "ann.lee" not in "".join(run.loyalty["manager"].dropna())
    assert "Shop 4" in set(run.loyalty["manager"])


def test_the_command_takes_several(frame, tmp_path):
    frame.to_csv(tmp_path / "a.csv", index=False)
    command = ["analyze", str(tmp_path / "a.csv"), "-o", str(tmp_path / "run"), "--by", "product,via"]
    command += ["--set", "loyalty.min_reviews=5"]
    done = CliRunner().invoke(app, [*command, "--by", "where=Kunde"])
    assert done.exit_code == 0, done.output
    cuts = set(earful.open_run(tmp_path / "run").loyalty["grouping"])
    assert cuts == {"overall", "product", "period", "via", "where"}
    assert "where: LV" in done.output
    assert "where: (not given)" in done.output
    done = CliRunner().invoke(app, [*command, "--by", "contry"])
    assert done.exit_code == 1
    with pytest.raises(InputError):
        earful.preview(frame, config={"loyalty": {"by": ["contry"]}})
    assert "by Kunde" in str(earful.preview(frame, config={"loyalty": {"by": ["Kunde"]}}))


def test_rows_that_are_added_edited_or_taken_in_later_keep_it(tmp_path):
    rows = [f"r{i},Text number {i} is good and solid,{1 + i % 5},{('LV', 'BG')[i % 2]}" for i in range(12)]
    first = tmp_path / "first.csv"
    first.write_text("\n".join(["review_id,review,stars,country", *rows, "r12,,,EE"]) + "\n")
    by, folder = ["country"], tmp_path / "run"
    earful.analyze(first, folder, by=by)
    second = tmp_path / "second.csv"
    edited = [rows[0].replace(",LV", ",DE"), *rows[1:4], "r20,An added text of some length,4,FR"]
    second.write_text("\n".join(["review_id,review,stars,country", *edited]) + "\n")
    run = earful.analyze(second, folder, append=True)
    assert run.manifest["rows"]["accepted"] == 13
    held = run.reviews.set_index("review_id")["country"]
    assert (held["r0"], held["r1"], held["r20"]) == ("DE", "BG", "FR")
    assert values(groups(run.loyalty, "country"), "country") == {"LV", "BG", "DE", "FR"}
    mended = tmp_path / "mended.jsonl"
    lines = (folder / "rejects.jsonl").read_text().splitlines()
    refused = next(line for line in lines if '"r12"' in line)
    mended.write_text(refused.replace('"review": ""', '"review": "Mended and quite good"') + "\n")
    run = earful.retry(folder, mended)
    assert run.reviews.set_index("review_id")["country"]["r12"] == "EE"
    assert "EE" in values(groups(run.loyalty, "country"), "country")


def test_cuts_are_crossed(frame, tmp_path):
    by = ["product", "Kunde*product", "via*kunde"]
    crossed = earful.analyze(frame.head(60), tmp_path / "run", by=by, config=FEW)
    cut = groups(crossed.loyalty, "Kunde,product")
    asked = frame.head(60).groupby(["Kunde", "product"], dropna=False).size()
    found = cut.set_index(["Kunde", "product"])["n_reviews"]
    told = asked[asked.index.get_level_values(0).notna()].to_dict()
    assert {key: int(n) for key, n in found.items() if isinstance(key[0], str)} == told
    assert found.sum() == 60
    assert set(groups(crossed.loyalty, "via,Kunde")["via"]) == {"web"}
    # What is crossed is a cut of its own as well.
    assert groups(crossed.loyalty, "Kunde")["n_reviews"].sum() == 60
    write_report(crossed.path)


@pytest.mark.parametrize("entry", ["country*country", "a*b*c*d", "product*text"])
def test_what_cannot_be_crossed_is_refused(entry):
    with pytest.raises(ConfigError) as error:
        load_config(None, {"loyalty": {"by": [entry]}}, {})
    assert "\n" not in str(error.value)
