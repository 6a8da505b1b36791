import json

from earful.report.rejected import refusals


def write(path, *rejects):
    path.write_text("".join(json.dumps(reject) + "\n" for reject in rejects), encoding="utf-8")
    return path


def test_reasons_that_differ_in_a_value_are_one_kind(tmp_path):
    path = write(
        tmp_path / "rejects.jsonl",
        *(
            {"row": k, "source": "a.csv", "line": k + 2, "reason": f"rating {k} is outside 1..5"}
            for k in range(6, 9)
        ),
        {"row": 9, "source": "a.csv", "line": None, "reason": "no words and no score", "record": {"a": None}},
    )
    found = refusals(path)
    assert found.n == 4
    assert [(kind.reason, kind.n, kind.alike) for kind in found.kinds] == [
        ("rating 6 is outside 1..5", 3, True),
        ("no words and no score", 1, False),
    ]
    assert [example.place for example in found.kinds[0].examples] == ["a.csv, line 8", "a.csv, line 9"]
    assert found.kinds[1].examples[0].place == "a.csv, row 9"


def test_kinds_are_bounded_and_nothing_is_lost(tmp_path):
    words = ["".join(chr(97 + (k // 26**p) % 26) for p in range(3)) for k in range(1000)]
    path = write(
        tmp_path / "rejects.jsonl", *({"reason": f"odd {word}", "record": "x" * 5000} for word in words)
    )
    found = refusals(path)
    assert found.n == 1000
    assert sum(kind.n for kind in found.kinds) == 1000
    assert len(found.kinds) <= 201
    assert found.kinds[-1].reason == "other reasons"
    assert all(len(example.record) <= 220 for kind in found.kinds for example in kind.examples)


def test_damaged_lines_are_counted_too(tmp_path):
    path = tmp_path / "rejects.jsonl"
    path.write_bytes(b'{"reason": "fine"}\nnot json\n[1, 2]\n\n\xff\xfe\n' + b"[" * 100_000 + b"\n")
    found = refusals(path)
    assert found.n == 5
    assert sum(kind.n for kind in found.kinds) == 5


def test_no_file_is_no_rejects(tmp_path):
    assert refusals(tmp_path / "rejects.jsonl").n == 0
