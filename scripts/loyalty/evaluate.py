"""Validate the loyalty index on public data: the estimator, its intervals, and what it is compared with.

    python -m scripts.loyalty.evaluate --data ../shared/data --out docs

Two designs, never mixed:

* ``disjoint``: the rows of each entity are cut at random into a pool (60 %) and a truth (40 %). The estimator
  sees the words of the pool and the answers of k of its rows; its target is the mean answer of the truth
  rows, so intervals are widened by the truth's own sampling error before they are checked.
* ``population``: the rows of each entity are its population; 200 are drawn with replacement, k of them with
  their answer. The target is the population mean, which is known exactly.

The words are read by the shipped sentiment model and row model, on entities that the sentiment model has not
learned from (splits dev and test); answers take part only through the estimator. ``--stress``, ``--blind``
and ``--changes`` add their parts to the results in ``--out``; ``--merge`` puts runs over single datasets
together.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from earful.loyalty.likelihood import load_likelihood
from scripts.data import DEFAULT_DATA
from scripts.loyalty.controls import change_calls, commenters
from scripts.loyalty.gates import gate_lines, target_lines
from scripts.loyalty.measure import evaluate, show
from scripts.loyalty.pages import coverage_plot, result_lines
from scripts.loyalty.stress import row_model_alone, stress
from scripts.loyalty.world import TASKS, World, build


def main() -> None:
    """Run every task and write ``loyalty_results.json`` and the coverage plot."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--model", default="fast")
    parser.add_argument("--out", type=Path, default=Path("docs"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--resamples", type=int, default=200)
    parser.add_argument("--only", help="one dataset")
    parser.add_argument("--changes", action="store_true", help="add change calls to the results in --out")
    parser.add_argument("--stress", action="store_true", help="add the stress runs to the results in --out")
    parser.add_argument(
        "--blind", type=Path, help="add what a row model of this folder, fitted without dev entities, finds"
    )
    parser.add_argument("--pages", action="store_true", help="write the pages anew from the results in --out")
    parser.add_argument("--merge", type=Path, nargs="+", help="folders of runs to be put together")
    options = parser.parse_args()
    if options.merge:
        results = merged(options.merge)
        results["commenters"] = commenters(options.data, options.resamples)
    elif options.pages or options.changes or options.stress or options.blind:
        results = json.loads((options.out / "loyalty_results.json").read_text(encoding="utf-8"))
        if not options.pages:
            add(results, options)
    else:
        results = run_all(options)
    write_pages(results, options.out)


def run_all(options: argparse.Namespace) -> dict[str, Any]:
    """Both designs and the controls on every dataset asked for."""
    results: dict[str, Any] = {"resamples": options.resamples, "model": options.model, "tasks": {}}
    for name, world in worlds(options):
        started = time.perf_counter()
        result = evaluate(world, options.resamples)
        result["seconds"] = round(time.perf_counter() - started, 1)
        results["tasks"][name] = result
        show(name, result)
    results["commenters"] = commenters(options.data, options.resamples)
    print(json.dumps(results["commenters"], indent=1))
    return results


def add(results: dict[str, Any], options: argparse.Namespace) -> None:
    """Add to results what was asked for: change calls, stress runs, the row model that saw no dev entity."""
    blind = load_likelihood(options.blind) if options.blind else None
    for name, world in worlds(options):
        task = results["tasks"].setdefault(name, {})
        if options.changes and world.groups >= 10:
            task["changes"] = {**change_calls(world, options.resamples), "resamples": options.resamples}
        if options.stress:
            task["stress"] = stress(world, options.resamples)
        if blind is not None:
            task["blind"] = row_model_alone(world, blind, options.resamples)
        print(name, {key: task.get(key) for key in ("changes", "stress", "blind")}, flush=True)


def worlds(options: argparse.Namespace) -> list[tuple[str, World]]:
    """Every task that has enough entities."""
    shipped = load_likelihood()
    found = []
    for name, answer, least in TASKS:
        if options.only in (None, name, f"{name} {answer}"):
            world = build(name, answer, least, options.data, options.model, options.cache, shipped)
            if world is not None:
                found.append((f"{name} {answer}", world))
    return found


def merged(folders: list[Path]) -> dict[str, Any]:
    """Put together what runs over different datasets, or different parts of them, found."""
    parts = [json.loads((folder / "loyalty_results.json").read_text(encoding="utf-8")) for folder in folders]
    found: dict[str, Any] = {}
    for part in parts:
        for name, task in part["tasks"].items():
            found.setdefault(name, {}).update(task)
    order = [f"{name} {answer}" for name, answer, _ in TASKS]
    rest = {key: value for part in reversed(parts) for key, value in part.items()}
    return {**rest, "tasks": {name: found[name] for name in order if name in found}}


def write_pages(results: dict[str, Any], out: Path) -> None:
    """Write the results, the plot, and the tables into the page where there is one."""
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, indent=1)
    (out / "loyalty_results.json").write_text(text + "\n", encoding="utf-8")
    (out / "loyalty_coverage.svg").write_text(coverage_plot(results["tasks"]), encoding="utf-8")
    page = out / "loyalty.md"
    if page.is_file():
        words = page.read_text(encoding="utf-8")
        sections = (
            ("results", result_lines(results)),
            ("gates", gate_lines(results)),
            ("targets", target_lines(results)),
        )
        for name, lines in sections:
            before, _, rest = words.partition(f"<!-- {name} -->\n")
            after = rest.partition(f"<!-- /{name} -->")[2]
            words = f"{before}<!-- {name} -->\n" + "\n".join(lines) + f"\n<!-- /{name} -->{after}"
        page.write_text(words, encoding="utf-8")


if __name__ == "__main__":
    main()
