"""The drawing of stacks: shares add up, the way to the job is left out, no name is taken for markup."""

import xml.etree.ElementTree as ET

from scripts.bench.flame import own_time, read_stacks, svg

STACKS = [
    "main (earful/cli/app.py:5);Analysis.run (earful/jobs/analysis.py:230);"
    "process (earful/engines/worker.py:1);Themes.__call__ (earful/themes/stage.py:10) 60",
    "Analysis.run (earful/jobs/analysis.py:231);process (earful/engines/worker.py:2) 20",
    "_bootstrap (threading.py:9);_work (concurrent/futures/thread.py:4);run (earful/encoder/layers.py:7) 15",
    "<module> (earful/__main__.py:1);<listcomp> (numpy/core.py:1) 5",
    "no stack",
]


def test_lines_of_a_function_are_one_bar_below_the_job():
    top = read_stacks(STACKS)
    assert top.samples == 100
    assert {label: bar.samples for label, bar in top.below.items()} == {
        "engines/worker: process": 80,
        "threads": 15,
        "before the job": 5,
    }
    assert own_time(top)["engines/worker: process"] == 20
    assert sum(own_time(top).values()) == 100


def test_the_drawing_is_xml_with_a_bar_for_each_wide_enough_function():
    drawn = svg(read_stacks(STACKS), "a < b", least=0.1)
    told = [element.text for element in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}title")]
    assert "themes/stage: Themes.__call__: 60.0%" in told
    assert not any("before the job" in text for text in told)
    assert "a &lt; b" in drawn
    assert "earful/cli" not in drawn
