"""The API: the same numbers as the tables, one shape of errors, answers that are known, texts read."""

import json
import os
import warnings

import pandas as pd
import pytest

import earful
from earful.serve import azure

SHAPE = {"status", "error", "details"}


@pytest.mark.parametrize("table", ["loyalty", "themes", "drivers", "trends"])
def test_a_table_is_given_as_it_is(client, served, table):
    answer = client.get(f"/api/v1/runs/demo/{table}", params={"grouping": "", "limit": 500}).json()
    frame = served.run.table(table).to_pandas()
    assert answer["total"] == len(frame)
    rows = pd.DataFrame(answer["rows"], columns=frame.columns)[: len(frame)]
    assert sorted(rows.columns) == sorted(frame.columns)
    for name in frame.columns:
        if frame[name].dtype == float and len(rows) == len(frame):
            assert rows[name].sum() == pytest.approx(frame[name].sum())


def test_pages_of_a_table_are_the_whole(client):
    whole = client.get("/api/v1/runs/demo/themes?grouping=&limit=500").json()["rows"]
    parts = [
        row
        for offset in range(0, 500, 50)
        for row in client.get(f"/api/v1/runs/demo/themes?grouping=&limit=50&offset={offset}").json()["rows"]
    ]
    assert parts == whole


def test_a_run_says_how_it_was_made(client, served):
    about = client.get("/api/v1/runs/demo").json()
    row = served.overall
    assert about["index"] == row["index"]
    assert about["reviews"] == len(served.run.reviews)
    assert about["anchor"] == "nps"
    assert client.get("/api/v1/runs").json() == {"runs": [about]}


def test_reviews_come_page_by_page_with_their_mentions(client, served):
    address, rows = "/api/v1/runs/demo/reviews?theme=delivery.speed&order=row&limit=7", []
    while address:
        answer = client.get(address).json()
        rows += answer["reviews"]
        address = answer["next"]
    mentions = served.run.mentions
    assert [row["row"] for row in rows] == sorted(set(mentions[mentions["theme"] == "delivery.speed"]["row"]))
    assert answer["total"] == len(rows)
    for row in rows:
        words = [row["text"][one["start"] : one["end"]] for one in row["mentions"]]
        assert (
            words
            == mentions[mentions["row"] == row["row"]].sort_values(["start", "end", "theme"])["term"].tolist()
        )
    assert client.get(f"/api/v1/runs/demo/reviews/{rows[0]['row']}").json() == rows[0]


@pytest.mark.parametrize(
    "address", ["/api/v1/runs", "/api/v1/runs/demo/loyalty", "/api/v1/runs/demo/reviews?q=late"]
)
def test_what_is_known_is_not_sent_again(client, address):
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": f'"x", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(address, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("method", "address", "more", "code"),
    [
        ("get", "/api/v1/runs/none", {}, 404),
        ("get", "/api/v1/none", {}, 404),
        ("get", "/api/v1/runs/demo/reviews/99999", {}, 404),
        ("get", "/api/v1/runs/demo/reviews?since=soon", {}, 422),
        ("get", "/api/v1/runs/demo/reviews?nobody=knows", {}, 422),
        ("get", "/api/v1/runs/demo/loyalty?limit=0", {}, 422),
        ("get", "/api/v1/runs/demo/loyalty?grouping=planet", {}, 422),
        ("delete", "/api/v1/runs/demo", {}, 405),
        ("post", "/api/v1/score", {"json": {"texts": []}}, 422),
        ("post", "/api/v1/score", {"json": {"texts": ["x"] * 201}}, 422),
        ("post", "/api/v1/score", {"json": {"texts": ["x" * 50_001]}}, 422),
        ("post", "/api/v1/score", {"json": {"texts": [1]}}, 422),
        ("post", "/api/v1/score", {"json": {"texts": "one"}}, 422),
        ("post", "/api/v1/score", {"content": b"{", "headers": {"content-type": "application/json"}}, 422),
        ("post", "/api/v1/tag", {"json": {"texts": ["x"], "themes": "../../etc/passwd"}}, 422),
        ("post", "/api/v1/tag", {"json": {"texts": ["x"], "themes": "nothing"}}, 400),
        ("post", "/api/v1/runs", {"files": {"file": ("a.csv", b"text\nx\n")}}, 400),
        ("get", "/api/v1/jobs/none", {}, 404),
    ],
)
def test_errors_have_one_shape(client, method, address, more, code):
    response = getattr(client, method)(address, **more)
    assert response.status_code == code, response.text
    assert set(response.json()) == SHAPE
    assert response.json()["status"] == code
    assert "/tmp" not in response.text


def test_texts_are_scored_as_the_library_scores_them(client):
    texts = [
        "Great, thanks!",
        "Ужасное обслуживание.",
        "",
        "n/a",
        "The box \ud83d was crushed".encode("utf-8", "replace").decode(),
    ]
    answer = client.post("/api/v1/score", json={"texts": texts}).json()
    frame = earful.score(texts, model="fast")
    assert answer["model"].startswith("fast ")
    for got, expected in zip(answer["results"], frame.to_dict("records"), strict=True):
        for name, value in got.items():
            assert value == expected[name] or (value is None and pd.isna(expected[name]))


@pytest.mark.parametrize("polarity", [False, True])
def test_texts_are_tagged_as_the_library_tags_them(client, polarity):
    texts = ["The parcel came late and the courier was rude.", ""]
    asked = {"texts": texts, "polarity": polarity}
    answer = client.post("/api/v1/tag", json=asked).json()
    frame = earful.tag(texts, polarity=polarity)
    assert [[one["theme"] for one in got["themes"]] for got in answer["results"]] == frame["themes"].tolist()
    signs = [one["polarity"] for one in answer["results"][0]["themes"]]
    assert signs == (frame["polarity"][0] if polarity else [None] * len(signs))


def azure_documents():
    return [
        {"id": "1", "language": "en", "text": "The room was lovely. But 😀 the staff was awful."},
        {"id": "2", "text": ""},
        {"id": "3", "text": "ok"},
        {"id": "3", "text": "twice"},
    ]


@pytest.mark.parametrize("units", ["UnicodeCodePoint", "Utf16CodeUnit"])
def test_azure_callers_get_the_shape_they_know(client, units):
    old = client.post(
        f"/text/analytics/v3.1/sentiment?opinionMining=true&stringIndexType={units}",
        json={"documents": azure_documents()},
    ).json()
    new = client.post(
        "/language/:analyze-text?api-version=2023-04-01",
        json={
            "kind": "SentimentAnalysis",
            "parameters": {"opinionMining": True, "stringIndexType": units, "modelVersion": "latest"},
            "analysisInput": {"documents": azure_documents()},
        },
    ).json()
    assert new == {"kind": "SentimentAnalysisResults", "results": old}
    first = old["documents"][0]
    assert first["id"] == "1"
    assert sum(first["confidenceScores"].values()) == pytest.approx(1, abs=1e-3)
    text = azure_documents()[0]["text"]
    for sentence in first["sentences"]:
        start, length = sentence["offset"], sentence["length"]
        if units == "Utf16CodeUnit":
            raw = text.encode("utf-16-le")
            assert raw[2 * start : 2 * (start + length)].decode("utf-16-le") == sentence["text"]
        else:
            assert text[start : start + length] == sentence["text"]
        assert {"sentiment", "confidenceScores", "targets", "assessments"} <= set(sentence)
    assert [one["id"] for one in old["errors"]] == ["2", "3", "3"]


@pytest.mark.parametrize(
    "chances",
    [(1 / 3, 1 / 3, 1 / 3), (0.12345, 0.12345, 0.7531), (0.0, 0.0, 1.0), (0.00004, 0.00004, 0.99992)],
)
def test_azure_scores_come_to_one_when_they_are_rounded(chances):
    row = dict(zip(("p_positive", "p_neutral", "p_negative"), chances, strict=True))
    scores = azure._scores(row)
    assert round(sum(scores.values()), 9) == 1
    assert all(abs(scores[name] - row[f"p_{name}"]) < 2e-4 for name in scores)


def test_azure_targets_have_the_words_that_the_shape_knows():
    document = azure.Document(id="1", text="The room was fine, the staff lovely.")
    segment = {"segment": 0, "start": 0, "end": 36, "p_positive": 0.5, "p_neutral": 0.2, "p_negative": 0.3}
    terms = [("room", 4, "neutral", 0.01), ("staff", 23, "positive", 0.66667), ("fine", 13, "negative", -0.5)]
    aspects = [
        {"segment": 0, "start": at, "end": at + len(word), "polarity": polarity, "score": score}
        for word, at, polarity, score in terms
    ]
    told = azure._document(
        document, segment | {"sentiment": "positive"}, [segment], aspects, True, "UnicodeCodePoint"
    )
    targets = told["sentences"][0]["targets"]
    assert [(one["text"], one["sentiment"]) for one in targets] == [
        ("staff", "positive"),
        ("fine", "negative"),
    ]
    for one in targets:
        assert set(one) == {"sentiment", "confidenceScores", "offset", "length", "text", "relations"}
        assert set(one["confidenceScores"]) == {"positive", "negative"}
        assert round(sum(one["confidenceScores"].values()), 9) == 1


def test_metrics_count_what_was_asked(house, make_client):
    client = make_client(house=house)
    client.get("/api/v1/runs")
    client.get("/runs/none")
    client.get("/some/" + "x" * 50)
    text = client.get("/metrics").text
    assert 'earful_requests_total{method="GET",route="/api/v1/runs",status="200"} 1.0' in text
    assert 'route="/runs/{run}",status="404"' in text
    assert "xxxxx" not in text
    assert "earful_runs 1.0" in text


def test_the_document_says_what_errors_look_like(client):
    document = client.get("/api/v1/openapi.json").json()
    assert document["info"]["title"] == "Earful"
    for path, methods in document["paths"].items():
        assert path.startswith(("/api/v1/", "/text/", "/language/"))
        for told in methods.values():
            assert told["description"]
            assert "422" in told["responses"] or not told.get("parameters")
    assert "Problem" in document["components"]["schemas"]


def test_no_request_that_the_document_allows_breaks_the_server(client):
    """A small run of Schemathesis: what it makes of the document is answered as the document says."""
    schemathesis = pytest.importorskip("schemathesis")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_dict(client.get("/api/v1/openapi.json").json())
        operations = [one.ok() for one in schema.get_all_operations()]
        assert len(operations) > 10
        for operation in operations:
            asked_of(client, operation)


def asked_of(client, operation):
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    @settings(
        max_examples=int(os.environ.get("EARFUL_EXAMPLES", "5")),
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), known=st.sampled_from([True, True, False]))
    def ask(case, known):
        if known and "run" in (case.path_parameters or {}):
            case.path_parameters["run"] = "demo"  # nobody guesses it, and the rest would never be reached
        headers = {"content-type": "application/json"}
        body = json.dumps(case.body).encode() if isinstance(case.body, dict | list) else None
        response = client.request(
            operation.method.upper(),
            case.formatted_path,
            params=dict(case.query or {}),
            headers=headers,
            content=body,
        )
        assert response.status_code < 500, (case.formatted_path, response.text)
        assert str(response.status_code) in operation.definition.raw["responses"], response.text
        if response.status_code >= 400:
            assert set(response.json()) == SHAPE

    ask()
