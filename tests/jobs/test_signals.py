"""Columns beyond words and scores, from the input to the tables of a run."""

import pytest

import earful
from earful.errors import InputError


def margins(folder, text):
    path = folder / "margins.csv"
    path.write_text(text)
    return {"loyalty": {"margins": str(path)}}


def overall(run):
    return run.loyalty.query("grouping == 'overall'").iloc[0]


def test_weights_and_margins_reach_the_number_whatever_the_order_of_rows(reviews, tmp_path):
    reviews["id"] = [f"id{place}" for place in range(len(reviews))]
    reviews["w"] = [1 + place % 4 for place in range(len(reviews))]
    config = margins(tmp_path, "column,value,share\nproduct,kettle,60\nproduct,lamp,20\nproduct,desk,20\n")
    columns = {"weight": "w"}
    run = earful.analyze(reviews, tmp_path / "run", config=config, columns=columns)
    mixed = reviews.sample(frac=1, random_state=1)
    shuffled = earful.analyze(mixed, tmp_path / "mixed", config=config, columns=columns, batch_size=7)
    for name in ("loyalty", "drivers", "trends", "emerging"):
        assert (run.path / f"{name}.csv").read_bytes() == (shuffled.path / f"{name}.csv").read_bytes()
    assert overall(run)["scale"].endswith("; weighted as given; post-stratified by product")
    by_product = reviews.groupby("product")["w"].sum()
    share = reviews["product"].map({"kettle": 0.6, "lamp": 0.2, "desk": 0.2})
    weight = (share * reviews["w"] / reviews["product"].map(by_product))[reviews["nps"].notna()]
    answers = reviews["nps"].dropna()
    by_hand = 100 * (weight[answers >= 9].sum() - weight[answers <= 6].sum()) / weight.sum()
    assert overall(run)["nps"] == pytest.approx(by_hand, abs=1e-4)
    assert overall(run)["n_effective"] < len(reviews)
    told = run.manifest["analyses"]["weighting"]
    assert told["index_unweighted"] != overall(run)["index"]
    assert run.manifest["margins"]["checksum"]
    page = run.report.read_text(encoding="utf-8")
    assert "Unweighted the index would be" in page


def test_margins_that_cannot_be_used_stop_the_job_before_it_starts(reviews, tmp_path):
    with pytest.raises(InputError, match=r"none\.csv"):
        earful.analyze(reviews, tmp_path / "run", config={"loyalty": {"margins": "none.csv"}})
    with pytest.raises(InputError, match="'income'"):
        earful.analyze(reviews, tmp_path / "run", config=margins(tmp_path, "column,value,share\nincome,a,1"))
    assert not (tmp_path / "run").exists()


def test_complaints_and_behaviour_are_in_the_run_where_the_input_tells_of_them(reviews, tmp_path):
    n = len(reviews)
    reviews["first response at"] = ["2026-07-01" if place % 4 else "" for place in range(n)]
    reviews["visits"] = [place % 3 for place in range(n)]
    reviews["churned"] = ["yes" if place % 2 else "no" for place in range(n)]
    run = earful.analyze(reviews, tmp_path / "run", config={"complaints": {"target_days": 400}})
    first = run.complaints.query("grouping == 'overall' and stage == 'acknowledged'").iloc[0]
    assert (first["n"], first["n_reached"], first["n_open"]) == (n, 30, 10)
    assert first["in_time"] > 90
    churn = run.behaviour.query("grouping == 'overall' and measure == 'churn'").iloc[0]
    assert (churn["n"], churn["value"]) == (n, 50)
    assert set(run.behaviour["measure"]) == {"repeat", "frequency", "retention", "churn", "auc"}
    page = run.report.read_text(encoding="utf-8")
    assert 'id="complaints"' in page
    assert 'id="behaviour"' in page
    # Made again without such columns, the folder keeps none of it.
    plain = earful.analyze(reviews[["review", "stars"]].head(3), tmp_path / "run")
    assert not list(plain.path.glob("complaints.*")) + list(plain.path.glob("behaviour.*"))
    assert plain.complaints.empty
