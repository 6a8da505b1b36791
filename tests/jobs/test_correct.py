"""Corrections: what a person says overrides the models everywhere, and survives what is done to the run."""

import csv
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import earful
from earful.cli.app import app
from earful.engines.worker import process
from earful.errors import InputError, RunError
from earful.jobs.apply import rematched, write_run
from earful.jobs.correct import correct
from earful.jobs.judged import judged_texts, judged_themes
from earful.schema import TABLES
from earful.themes.taxonomy import load_taxonomy
from earful.workshop.changes import Merge, Rename
from earful.workshop.history import change_file, copy_taxonomy

FRAME = pd.DataFrame(
    {
        "id": list("abcdefg"),
        "review": [
            "Great, just great. It broke again on the first day.",
            "The courier was rude and the parcel was late.",
            "Все хорошо, но доставка долго.",
            "Ok",
            "Lovely lamp, I like it.",
            "I waited three weeks. Nobody called.",
            "Lovely lamp, I like it.",
        ],
        "nps": [9, 1, 7, 8, None, 2, 10],
        "product": list("xxyyxyy"),
    }
)
#: What a person says of them: one of every kind.
TOLD = [
    {"review_id": "a", "field": "sentiment", "value": "negative"},
    {"review_id": "b", "field": "remove_theme", "value": "delivery.speed"},
    {"review_id": "b", "field": "polarity:support.attitude", "value": "neutral"},
    {"review_id": "c", "field": "add_theme", "value": "delivery.lost"},
    {"review_id": "c", "field": "sentiment", "value": "neutral", "segment": 0},
    {"review_id": "d", "field": "product", "value": "x"},
    {"review_id": "e", "field": "nps", "value": "3"},
    {"review_id": "f", "field": "touchpoint", "value": "support"},
    {"review_id": "g", "field": "nps", "value": ""},
]
#: What a rerun writes anew though nothing changed.
_PLAIN = [name for name in TABLES if name != "corrections"]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return earful.analyze(FRAME, tmp_path_factory.mktemp("correct") / "run", model="fast").path


@pytest.fixture
def run(plain, tmp_path):
    return shutil.copytree(plain, tmp_path / "run")


@pytest.fixture(scope="module")
def corrected(plain, tmp_path_factory):
    folder = shutil.copytree(plain, tmp_path_factory.mktemp("corrected") / "run")
    return correct(folder, TOLD, by="Ann")


def tables(folder):
    return {
        name: pq.read_table(folder / f"{name}.parquet")
        for name in _PLAIN
        if (folder / f"{name}.parquet").exists()
    }


def test_what_a_person_says_stands_in_every_table(plain, corrected):
    before, after = (earful.open_run(at).reviews.set_index("review_id") for at in (plain, corrected.path))
    assert before["corrected"].isna().all()
    assert after["corrected"].fillna("").to_dict() == {
        **{"a": "sentiment", "b": "theme polarity", "c": "sentiment theme", "d": "product"},
        **{"e": "nps", "f": "touchpoint", "g": "nps"},
    }
    assert (before.loc["a", "sentiment"], after.loc["a", "sentiment"]) == ("positive", "negative")
    assert after.loc["a", ["p_negative", "score"]].tolist() == [1.0, -1.0]
    assert after.loc["a", "p_detractor"] > before.loc["a", "p_detractor"] + 0.1
    assert (after.loc["d", "product"], after.loc["f", "touchpoint"]) == ("x", "support")
    assert after.loc["e", ["nps", "nps_min", "nps_max"]].tolist() == [3, 0, 10]
    assert pd.isna(after.loc["g", "nps"])
    untouched = ["lang", "text", "rating", "author_id"]
    pd.testing.assert_frame_equal(before[untouched], after[untouched])


def test_themes_and_their_polarity_follow(plain, corrected):
    def themes(at):
        mentions = earful.open_run(at).mentions
        return {(one.row, one.theme): one for one in mentions.itertuples()}

    before, after = themes(plain), themes(corrected.path)
    assert (1, "delivery.speed") in before
    assert (1, "delivery.speed") not in after
    added = after[2, "delivery.lost"]
    assert (added.matcher, added.corrected, added.confidence) == ("person", "theme", 1.0)
    text = corrected.reviews["text"][2]
    assert text[added.start : added.end] == added.term != ""
    turned = after[1, "support.attitude"]
    assert (turned.polarity, turned.score, turned.corrected) == ("neutral", 0.0, "polarity")
    assert not ((corrected.aspects["theme"] == "delivery.speed") & (corrected.aspects["row"] == 1)).any()
    counted = corrected.themes[corrected.themes["grouping"] == "overall"].set_index("theme")
    assert counted.loc["delivery.lost", "n_mentions"] == 1
    assert counted.loc["support.attitude", "n_neutral"] == 1


def test_index_report_and_manifest_follow(plain, corrected):
    before, after = (earful.open_run(at) for at in (plain, corrected.path))
    overall = [run.loyalty.set_index("grouping").loc["overall"] for run in (before, after)]
    # Nine, one, seven, eight, two and ten became nine, one, seven, eight, three and two.
    assert overall[0]["nps"] == pytest.approx(100 * (2 - 2) / 6)
    assert overall[1]["nps"] == pytest.approx(100 * (1 - 3) / 6)
    assert overall[1]["index"] < overall[0]["index"]
    assert after.manifest["corrections"] == {"given": 9, "applied": 9, "reviews": 7, "unfit": 0}
    told = next(one for one in after.manifest["warnings"] if "corrected by people" in one)
    assert told == "7 reviews were corrected by people; the column corrected says in what"
    assert told in after.report.read_text(encoding="utf-8")
    assert after.manifest["rows"] == before.manifest["rows"]


def test_the_log_says_what_stood_there_before(corrected):
    log = corrected.corrections.set_index(["review_id", "field"])
    assert log["applied"].all()
    assert set(log["who"]) == {"Ann"}
    before = log["before"].fillna("none").to_dict()
    assert before["a", "sentiment"] == "positive"
    assert before["b", "remove_theme"] == "present"
    assert before["c", "add_theme"] == "absent"
    assert before["e", "nps"] == "none"
    assert before["g", "nps"] == "10"


def test_doing_it_again_or_at_once_is_the_same(plain, corrected, run):
    for one in TOLD[:4]:
        correct(run, [one], by="Ann")
    correct(run, TOLD[4:], by="Ann")
    correct(run)
    for name, table in tables(corrected.path).items():
        assert table.equals(tables(run)[name]), name


def test_a_rerun_into_the_folder_keeps_the_corrections(corrected, tmp_path):
    again = shutil.copytree(corrected.path, tmp_path / "again")
    earful.analyze(FRAME, again, model="fast", batch_size=3)
    for name, table in tables(corrected.path).items():
        assert table.equals(tables(again)[name]), name


def test_an_interrupted_run_takes_them_in_when_it_is_resumed(corrected, tmp_path):
    class Interrupting(earful.jobs.watcher.Watcher):
        def progressed(self, done, total):
            if done >= 3:
                raise KeyboardInterrupt

    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        earful.analyze(FRAME, folder, model="fast", batch_size=3, watcher=Interrupting())
    shutil.copy(corrected.path / "corrections.csv", folder)
    earful.analyze(FRAME, folder, model="fast", batch_size=3, resume=True)
    for name, table in tables(corrected.path).items():
        assert table.equals(tables(folder)[name]), name


def test_undo_gives_back_what_the_models_said(plain, run):
    correct(run, TOLD, by="Ann")
    undo = [
        {"review_id": "a", "field": "undo", "value": "sentiment"},
        {"review_id": "b", "field": "undo", "value": "theme:delivery.speed"},
        {"review_id": "b", "field": "undo", "value": "polarity:support.attitude"},
        {"review_id": "c", "field": "undo", "value": "theme:delivery.lost"},
        {"review_id": "c", "field": "undo", "value": "sentiment", "segment": 0},
        *({"review_id": one, "field": "undo", "value": "nps"} for one in "eg"),
        {"review_id": "d", "field": "undo", "value": "product"},
        {"review_id": "f", "field": "undo", "value": "touchpoint"},
    ]
    correct(run, undo, by="Ann")
    for name, table in tables(plain).items():
        assert table.equals(tables(run)[name]), name


def test_the_last_word_holds(run):
    correct(run, [{"review_id": "a", "field": "sentiment", "value": "negative"}], by="Ann")
    after = correct(run, [{"review_id": "a", "field": "Sentiment ", "value": "NEUTRAL"}], by="Bo")
    assert after.reviews["sentiment"][0] == "neutral"
    log = after.corrections
    assert log["applied"].tolist() == [False, True]
    assert log["note"][0] == "said anew or taken back later"


def test_a_corrected_language_is_read_in_that_language(run, plain, monkeypatch):
    read = []

    def spy(table, stages):
        read.append(table.select(["row", "lang"]).to_pylist())
        assert "language" not in [stage.name for stage in stages]
        return process(table, stages)

    monkeypatch.setattr("earful.jobs.overlay.process", spy)
    after = correct(run, [{"review_id": "b", "field": "language", "value": "LV"}], by="Ann")
    row = after.reviews.set_index("review_id").loc["b"]
    assert (row["lang"], row["lang_confidence"], row["corrected"]) == ("lv", 1.0, "lang")
    assert read
    assert all(one == [{"row": 1, "lang": "lv"}] for one in read)
    assert after.corrections["before"].tolist() == ["en"]
    assert after.manifest["languages"]["lv"] == 1
    correct(run, [{"review_id": "b", "field": "undo", "value": "lang"}], by="Ann")
    for name, table in tables(plain).items():
        assert table.equals(tables(run)[name]), name


@pytest.mark.parametrize(
    ("label", "follow"), [("positive", [1.0, 1.0]), ("negative", None), ("neutral", None)]
)
def test_parts_follow_the_whole_where_none_of_them_says_it(run, label, follow):
    before = earful.open_run(run).segments.set_index("row").loc[5, "score"].tolist()
    after = correct(run, [{"review_id": "f", "field": "sentiment", "value": label}], by="Ann")
    assert after.segments.set_index("row").loc[5, "score"].tolist() == (follow or before)


WRONG = [
    ({"review_id": "zz", "field": "sentiment", "value": "negative"}, "there is no review 'zz' in the run"),
    ({"review_id": "a", "field": "sentimnt", "value": "negative"}, "did you mean 'sentiment'"),
    ({"review_id": "a", "field": "sentiment", "value": "bad"}, "allowed: negative, neutral, positive"),
    ({"review_id": "b", "field": "nps", "value": "11"}, "allowed: 0 to 10, or none"),
    ({"review_id": "c", "field": "nps", "value": "many"}, "is not a number"),
    ({"review_id": "a", "field": "recommended", "value": "many"}, "neither yes nor no"),
    ({"review_id": "a", "field": "add_theme", "value": "delivery.sped"}, "did you mean 'delivery.speed'"),
    ({"review_id": "a", "field": "polarity:price.value", "value": "negative"}, "does not speak of theme"),
    ({"review_id": "a", "field": "polarity", "value": "negative"}, "unknown field 'polarity'; allowed"),
    ({"review_id": "a", "field": "lang", "value": "latvian"}, "ISO 639-1"),
    ({"review_id": "a", "field": "sentiment", "value": "negative", "segment": 9}, "none is 9"),
    ({"review_id": "a", "field": "nps", "value": "9", "segment": 0}, "the whole review"),
    ({"review_id": "e", "field": "undo", "value": "nps"}, "nothing of it is corrected"),
    ({"review_id": "", "field": "nps", "value": "9"}, "names no review"),
    ({"review": "a", "what": "nps", "value": "9"}, "unknown key 'what'"),
]


def test_what_cannot_be_is_a_line_each_and_changes_nothing(run):
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    with pytest.raises(InputError) as told:
        correct(run, [one for one, _ in WRONG], by="Ann")
    lines = str(told.value).splitlines()
    assert len(lines) == len(WRONG)
    for _, part in WRONG:
        assert sum(part in line for line in lines) == 1, part
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before


def test_a_change_that_broke_off_is_made_again(run, corrected, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("earful.jobs.correct.write_manifest", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            correct(run, TOLD, by="Ann")
    with pytest.raises(RunError, match="broke off; repeat earful correct"):
        earful.open_run(run)
    correct(run)
    for name, table in tables(corrected.path).items():
        assert table.equals(tables(run)[name]), name


def test_what_is_added_later_leaves_the_corrections(plain, tmp_path):
    folder = tmp_path / "run"
    earful.analyze(FRAME.iloc[:4], folder, model="fast")
    correct(folder, TOLD[:6], by="Ann")
    earful.analyze(FRAME, folder, model="fast", append=True)
    whole = shutil.copytree(plain, tmp_path / "whole")
    correct(whole, TOLD[:6], by="Ann")
    names = ["row", "review_id", "sentiment", "score", "product", "p_detractor", "corrected"]
    one, other = (pq.read_table(at / "reviews.parquet", columns=names) for at in (folder, whole))
    assert one.equals(other)
    one, other = (pq.read_table(at / "mentions.parquet") for at in (folder, whole))
    assert one.equals(other)


def test_nothing_to_do_is_told(run):
    with pytest.raises(RunError, match=r"no corrections\.csv"):
        correct(run)


def test_reviews_of_one_id_have_to_be_told_apart(tmp_path):
    for name, text in (("one", "Great lamp"), ("two", "It broke")):
        pd.DataFrame({"id": ["1", "2"], "review": [text, "Fine"], "stars": [5, 3]}).to_csv(
            tmp_path / f"{name}.csv", index=False
        )
    run = earful.analyze([tmp_path / "one.csv", tmp_path / "two.csv"], tmp_path / "run", model="fast")
    told = {"review_id": "1", "field": "sentiment", "value": "negative"}
    with pytest.raises(
        InputError, match=r"2 different reviews have the id '1' \(one.csv, two.csv\): say which"
    ):
        correct(run.path, [told], by="Ann")
    after = correct(run.path, [{**told, "source": "two.csv"}], by="Ann")
    assert after.reviews["corrected"].notna().tolist() == [False, False, True, False]
    # Copies are one review.
    after = correct(run.path, [{**told, "review_id": "2"}], by="Ann")
    assert after.reviews["corrected"].notna().tolist() == [False, True, True, True]


def test_what_does_not_fit_a_new_run_is_kept_and_told(corrected, tmp_path):
    folder = shutil.copytree(corrected.path, tmp_path / "run")
    run = earful.analyze(FRAME.iloc[1:], folder, model="fast")
    assert run.manifest["corrections"]["unfit"] == 1
    assert any("1 correction does not fit this run" in one for one in run.manifest["warnings"])
    assert run.corrections["note"].dropna().tolist() == ["there is no review 'a' in the run"]
    assert len(pd.read_csv(folder / "corrections.csv")) == len(TOLD)


def test_a_spreadsheet_may_have_saved_the_file(run, tmp_path):
    lines = [
        "Review ID;Field;Value;By",
        "d;product;Лампа «Заря»;Анна",
        "e;channel;=HYPERLINK(1);Анна",
        ";;;",
    ]
    (tmp_path / "told.csv").write_bytes("\r\n".join(lines).encode("cp1251"))
    after = correct(run, tmp_path / "told.csv", by="me")
    assert after.reviews["product"][3] == "Лампа «Заря»"
    assert after.reviews["channel"][4] == "=HYPERLINK(1)"
    assert set(after.corrections["who"]) == {"Анна"}
    kept = (run / "corrections.csv").read_text(encoding="utf-8")
    assert "'=HYPERLINK(1)" in kept
    assert correct(run).reviews["channel"][4] == "=HYPERLINK(1)"


def test_applied_themes_keep_the_corrections_under_their_new_names(corrected, tmp_path):
    copy_taxonomy("cx", tmp_path / "my.toml")
    change_file(tmp_path / "my.toml", Rename("delivery.lost", "delivery.vanished"))
    change_file(tmp_path / "my.toml", Merge(("support.attitude",), "support.competence"))
    found = rematched(corrected.path, load_taxonomy(tmp_path / "my.toml"))
    write_run(corrected.path, tmp_path / "my.toml", *found, tmp_path / "new")
    run = earful.open_run(tmp_path / "new")
    mine = run.mentions[run.mentions["corrected"].notna()]
    assert mine[["row", "theme", "corrected"]].to_numpy().tolist() == [
        [1, "support.competence", "polarity"],
        [2, "delivery.vanished", "theme"],
    ]
    assert run.manifest["corrections"]["unfit"] == 0
    reviews, old = run.reviews, corrected.reviews
    pd.testing.assert_frame_equal(reviews, old)
    # The models' own word is taken for the new themes, not what was corrected.
    fresh = earful.analyze(FRAME, tmp_path / "fresh", model="fast", themes=tmp_path / "my.toml")
    assert rematched(tmp_path / "new", load_taxonomy(tmp_path / "my.toml"))[0].equals(
        pq.read_table(fresh.path / "mentions.parquet")
    )


def test_corrections_are_rows_to_learn_from(corrected):
    texts, themes = judged_themes(corrected.path)
    assert dict(zip(texts, themes, strict=True)) == {
        FRAME["review"][1]: ["delivery.courier", "support.attitude"],
        FRAME["review"][2]: ["delivery.lost", "delivery.speed"],
    }
    said = judged_texts(corrected.path)
    assert said["text"].tolist() == [FRAME["review"][0], "Все хорошо,"]
    assert said[["lang", "sentiment", "before"]].to_numpy().tolist() == [
        ["en", "negative", "positive"],
        ["ru", "neutral", "positive"],
    ]


def test_the_command_learns_from_them(corrected, tmp_path):
    rows = [["It came late", "delivery.speed"], ["Late parcel", "delivery.speed"]] * 2
    rows += [["They lost it", "delivery.lost"], ["The parcel is lost", "delivery.lost"]] * 2
    with (tmp_path / "rows.csv").open("w", newline="") as out:
        csv.writer(out).writerows([["text", "theme"], *rows])
    words = ["themes", "learn", str(tmp_path / "rows.csv"), "-o", str(tmp_path / "model")]
    told = CliRunner().invoke(app, [*words, "--corrections", str(corrected.path)])
    assert told.exit_code == 0, told.output
    assert "2 texts whose themes people corrected" in told.output
    assert "delivery.speed | 5 |" in told.output
    assert CliRunner().invoke(app, ["themes", "learn", "-o", "x"]).exit_code == 1


def test_the_command_corrects(run, tmp_path):
    words = ["correct", str(run), "--review", "a", "--set", "sentiment=negative", "--set", "nps=4"]
    told = CliRunner().invoke(app, [*words, "--by", "Ann"])
    assert told.exit_code == 0, told.output
    assert "a sentiment: positive -> negative\na nps: 9 -> 4\n2 corrections hold" in told.output
    for wrong in (
        ["--set", "nps=4"],
        ["--review", "a"],
        ["--from", "x.csv", "--review", "a", "--set", "nps=4"],
    ):
        told = CliRunner().invoke(app, ["correct", str(run), *wrong])
        assert told.exit_code == 1
        assert "allowed: --review ID with --set" in told.output


def test_corrections_made_with_other_themes_are_refused(run, tmp_path):
    import json

    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest["taxonomy"]["checksum"] = "0" * 64
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(RunError, match="made with another taxonomy"):
        correct(run, TOLD[:1], by="Ann")
