"""Do the intervals hold, in worlds that nobody has looked at? The backtest over many generated agencies.

Each world is one year of another agency. Its backtest is run as `makeorbuy backtest` runs it, at every
second week; the scores are kept in a folder, one file a world, and what is there is not run again.

    python benchmarks/trust.py results --worlds 30 --size 0.3
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from agency_log import START, TARGETS, visit_log

from agency_world.work import live
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.queue.backtest import FORECASTS, backtest_log
from makeorbuy.projection.queue.score import LEVELS, QUANTITIES

MOMENTS = 18


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--worlds", type=int, default=30)
    parser.add_argument("--first", type=int, default=0, help="seed of the first world")
    parser.add_argument("--size", type=float, default=0.3)
    parser.add_argument("--replications", type=int, default=25)
    said = parser.parse_args()
    said.folder.mkdir(parents=True, exist_ok=True)
    for seed in range(said.first, said.first + said.worlds):
        one_world(said.folder, seed, said.size, said.replications)
    show(sorted(said.folder.glob("*.npz")))


def one_world(folder: Path, seed: int, size: float, replications: int) -> None:
    """Keep the scores of one world, unless they are there."""
    file = folder / f"{size}_{seed}.npz"
    if file.exists():
        return
    result = backtest_log(
        visit_log(live(seed, size)), START, TARGETS, Streams(seed),
        replications=replications, threads=1, moments=MOMENTS,
    )  # fmt: skip
    np.savez(
        file, crps=result.crps, interval=result.interval_score, covered=result.covered,
        past=result.covered_past_weeks, place=result.place,
        error=result.lessons["mean_hours"].level_error,
    )  # fmt: skip


def gates(files: list[Path]) -> tuple[int, dict[str, tuple[float, float, float]]]:
    """Return the weeks of arrivals, and by quantity how often 80 and 95 % held and CRPS over past weeks."""
    worlds = [np.load(file) for file in files]
    covered = np.concatenate([world["covered"] for world in worlds], axis=1)
    crps = np.concatenate([world["crps"] for world in worlds], axis=1)
    steps = [LEVELS.index(level) for level in (0.8, 0.95)]
    past = FORECASTS.index("past weeks drawn anew")
    found = {}
    for column, name in enumerate(QUANTITIES):
        held = [float(np.nanmean(covered[step][..., column])) for step in steps]
        ratio = float(np.nansum(crps[0][..., column]) / np.nansum(crps[past][..., column]))
        found[name] = (held[0], held[1], ratio)
    return 2 * covered.shape[1], found


def show(files: list[Path]) -> None:
    """Print coverage and scores over all worlds."""
    worlds = [np.load(file) for file in files]
    covered = np.concatenate([world["covered"] for world in worlds], axis=1)
    past = np.concatenate([world["past"] for world in worlds], axis=1)
    crps = np.concatenate([world["crps"] for world in worlds], axis=1)
    interval = np.concatenate([world["interval"] for world in worlds], axis=1)
    place = np.concatenate([world["place"] for world in worlds], axis=0)
    print(f"{len(worlds)} worlds, {covered.shape[1]} moments, {2 * covered.shape[1]} weeks of arrivals")
    print("error about levels:", " ".join(f"{float(world['error']):.3f}" for world in worlds))
    levels = [f"{level:.0%}" for level in LEVELS]
    others = [f"/ {name}" for name in FORECASTS[1:]]
    print(" | ".join(["quantity", *levels, "past weeks 80%", *others, "interval score / past", "places"]))
    for column, name in enumerate(QUANTITIES):
        held = [f"{np.nanmean(covered[step][..., column]):.1%}" for step in range(len(LEVELS))]
        ratios = [
            f"{np.nansum(crps[0][..., column]) / np.nansum(crps[kind][..., column]):.2f}"
            for kind in range(1, len(FORECASTS))
        ]
        score = np.nansum(interval[0][..., column]) / np.nansum(interval[2][..., column])
        seen = place[..., column][np.isfinite(place[..., column])]
        bins = np.histogram(seen, 5, (0.0, 1.0))[0] / max(seen.size, 1)
        print(" | ".join([name, *held, f"{np.nanmean(past[1][..., column]):.1%}", *ratios, f"{score:.2f}",
                          " ".join(f"{one:.2f}" for one in bins)]))  # fmt: skip


if __name__ == "__main__":
    main()
