"""Settings: precedence, refusal of what is unknown, presets."""

import pytest

from earful.config import load_config
from earful.errors import ConfigError


def test_precedence_runs_from_defaults_to_the_command_line(tmp_path):
    path = tmp_path / "earful.toml"
    path.write_text('[sentiment]\nmodel = "from-file"\n[loyalty]\nlevel = 0.9\nperiod = "week"\n')
    environ = {"EARFUL_SENTIMENT_MODEL": "from-environment", "EARFUL_LOYALTY_LEVEL": "0.8", "OTHER": "x"}
    config = load_config(path, {"sentiment": {"model": "from-flag"}}, environ)
    assert config.sentiment.model == "from-flag"
    assert config.loyalty.level == 0.8
    assert config.loyalty.period == "week"
    assert config.themes.taxonomy == "cx"


def test_flags_add_to_the_columns_of_the_file(tmp_path):
    path = tmp_path / "earful.toml"
    path.write_text('[input]\ncolumns = { text = "body", rating = "stars" }\n')
    config = load_config(path, {"input": {"columns": {"rating": "score"}}}, {})
    assert config.input.columns == {"text": "body", "rating": "score"}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"sentiment": {"modle": "x"}}, "'sentiment.modle' (did you mean 'model'?)"),
        ({"loyality": {}}, "'loyality' (did you mean 'loyalty'?)"),
        ({"input": {"columns": {"txt": "body"}}}, "'txt' is not a column of ours (did you mean 'text'?)"),
        ({"scales": {"nps": {"detractor_max": 9}}}, "min <= detractor_max < promoter_min <= max"),
        ({"scales": {"ces": {"min": 1}}}, "scales.ces.direction: Field required"),
        ({"scales": {"rating": [5, 1]}}, "worst < best"),
        ({"loyalty": {"level": 1.5}}, "got 1.5"),
        ({"loyalty": {"by": ["score"]}}, "'score' is a name that the tables have already; give it another"),
        ({"loyalty": {"by": ["=cmd|' /C calc'!A0"]}}, "cannot name a cut"),
        ({"loyalty": {"by": ["@sum"]}}, "cannot name a cut"),
        ({"loyalty": {"by": ["a,b"]}}, "cannot name a cut"),
        ({"loyalty": {"by": ["\x1b[31m"]}}, "cannot name a cut"),
        ({"loyalty": {"by": ["x" * 61]}}, "cannot name a cut"),
        ({"loyalty": {"by": ["country", "Country"]}}, "'country' is named twice"),
        ({"loyalty": {"by": ["channel=Via"]}}, "say --map channel=Via"),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it(settings, says):
    with pytest.raises(ConfigError) as caught:
        load_config(None, settings, {})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"[input", b"\xff\xfe\x00"])
def test_a_file_that_is_not_toml_is_named(tmp_path, content):
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"bad\.toml"):
        load_config(path, {}, {})


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_config(tmp_path / "none.toml", {}, {})


def test_the_named_cut_points():
    config = load_config(None, {"scales": {"nps": {"preset": "promoters_8"}}}, {})
    assert config.scales.nps is not None
    assert (config.scales.nps.detractor_max, config.scales.nps.promoter_min) == (6, 8)
    explicit = load_config(None, {"scales": {"nps": {"preset": "promoters_8", "detractor_max": 5}}}, {})
    assert explicit.scales.nps is not None
    assert explicit.scales.nps.detractor_max == 5


def test_the_environment_reads_toml_values():
    config = load_config(None, {}, {"EARFUL_SCALES_RATING": "[1, 10]", "EARFUL_LOYALTY_BY": '["product"]'})
    assert config.scales.rating == (1, 10)
    assert config.loyalty.by == ("product",)


@pytest.mark.parametrize(
    ("by", "all_", "cuts"),
    [
        ([], (), {}),
        (["touchpoint"], ("touchpoint",), {}),
        (["country"], ("product", "touchpoint", "country"), {"country": "country"}),
        (["product", "country"], ("product", "country"), {"country": "country"}),
        (["where = Ship-to = x"], ("product", "touchpoint", "where=Ship-to = x"), {"where": "Ship-to = x"}),
        (["Channel", "product"], ("channel", "product"), {"channel": "channel"}),
    ],
)
def test_rows_are_cut_by_further_columns_beside_ours(by, all_, cuts):
    loyalty = load_config(None, {"loyalty": {"by": by}}, {}).loyalty
    assert (loyalty.by, loyalty.cuts) == (all_, cuts)
    assert load_config(None, {"loyalty": {"by": list(loyalty.by)}}, {}).loyalty == loyalty


@pytest.mark.parametrize("nothing", ["", None])
def test_a_column_can_be_said_not_to_be_used(nothing):
    assert load_config(None, {"input": {"columns": {"ces": nothing}}}, {}).input.columns == {"ces": ""}
