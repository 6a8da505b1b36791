"""Complaints and behaviour in the report: only where the run has them."""

from earful.report import write_report


def stage(builder, name, grouping="overall", **columns):
    row = {"grouping": grouping, "stage": name, "n": 40, "n_reached": 30, "reached": 75.0}
    builder.tables["complaints"].append({**row, "reached_low": 60.0, "reached_high": 86.0, **columns})


def measured(builder, measure, value, **columns):
    row = {"grouping": "overall", "measure": measure, "value": value, "n": 50, "unit": "percent"}
    builder.tables["behaviour"].append({"origin": "columns", **row, **columns})


def test_a_run_without_them_has_no_such_sections(full, parse):
    words = parse(write_report(full.write())).words()
    assert "Complaint loop" not in words
    assert "What customers do" not in words


def test_the_promise_its_verdict_and_what_is_at_risk(builder, parse):
    builder.group("overall", -10.0)
    stage(
        builder, "received", repeat=12.0, repeat_low=8.0, repeat_high=17.0, churn=30.0, value_at_risk=12500.0
    )
    promise = {"target_share": 85.0, "target_days": 3.0, "verdict": "missed", "median_days": 1.5}
    timed = {"in_time": 60.0, "in_time_low": 50.0, "in_time_high": 70.0}
    stage(builder, "acknowledged", **promise, **timed)
    stage(builder, "acknowledged", "product", product="<Lamp>", **promise, **timed)
    stage(builder, "followed_up")
    page = parse(write_report(builder.write()))
    words = page.words().replace("\xa0", " ")
    assert "What became of 40 complaints. Promised: 85 % acknowledged within 3 days" in words.replace(
        "\xa0", " "
    )
    assert "The promise is broken: 60 % in time (50 % to 70 %)." in words
    assert "<Lamp>" in words
    assert "Followed up" in words
    assert "12,500" in words
    assert "as set, not measured" in words
    assert page.ids["complaints"] == 1


def test_behaviour_and_what_foretells_it(builder, parse):
    builder.group("overall", -10.0)
    measured(builder, "churn", 20.0, low=12.0, high=31.0)
    measured(builder, "frequency", 2.5, unit="orders", origin="orders")
    measured(builder, "auc", 0.71, unit="auc", score="nps", low=0.6, high=0.8)
    words = parse(write_report(builder.write())).words().replace("\xa0", " ")
    assert "Left20 %12 % to 31 %; 50 customers" in words
    assert "From the orders" in words
    assert "Orders per customer2.5050 customers" in words
    assert "The NPS answer" in words
    assert "0.71 0.60 to 0.80" in words


def test_complaints_without_stages_are_counted_and_no_more(builder, parse):
    builder.group("overall", -10.0)
    stage(builder, "received", repeat=12.0, repeat_low=8.0, repeat_high=17.0)
    words = parse(write_report(builder.write())).words()
    assert "What became of 40 complaints." in words
    assert "No column tells which stages they reached." in words
