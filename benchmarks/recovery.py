"""Is the effect of a change right? In a generated world one can make the change and look.

Each world is lived through to a moment; the queue model is calibrated on the log as it stands then and
predicts what each change would do to a service's mean time (each ticket up to two weeks) over the next four
weeks of arrivals; then the same world is lived through again with the change. Results are appended to a
file, one line a case, and what is there is not run again: stop it and go on when you like.

    python benchmarks/recovery.py recovery.jsonl --worlds 60 --size 0.3
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from agency_log import SERVICES, START, services_of, visit_log, wall_hours

from agency_world import agency, timeline
from agency_world.demand import SERVICE_KEYS, Change
from agency_world.work import History, live
from makeorbuy.case.model import LocalText, SourcingOption, TeamChange, Uncertain
from makeorbuy.foundation.streams import Streams
from makeorbuy.projection.queue.calibrate import Calibration, calibrate, draw_world
from makeorbuy.projection.queue.effect import believed
from makeorbuy.projection.queue.model import QueueModel, Tickets
from makeorbuy.projection.queue.option_change import changed_model, uncertain_of
from makeorbuy.projection.queue.simulate import simulate

OPENED_HOURS, FOLLOWED_HOURS = 4 * 168.0, 2 * 168.0
END_HOURS = OPENED_HOURS + FOLLOWED_HOURS
TEAMS = [team.name for team in agency.TEAMS]
SERVICES_A_WORLD = 3
ADDED = 1 << 40
LEVELS = (0.5, 0.8, 0.95)
DEMAND = ("demand 20 % up", "one outage")
SURE = 0.9
"""An effect is told in sign where its probability is at least so much."""

Case = tuple[str, str, Change, dict[str, dict[str, float]]]


def cases(seed: int, history: History, since: int) -> Iterator[Case]:
    """Choose services and changes of one world: what happens, and what the case would say of the teams."""
    rng = np.random.default_rng([seed, 77])
    for key in rng.choice([key for key in SERVICES if key != "security"], SERVICES_A_WORLD, replace=False):
        service = str(key)
        teams = [team.name for team in agency.TEAMS if service in team.services]
        # the shared team's hours belong to one of its services, and only that one's plan changes them
        staffed = [name for name in teams if name != agency.SHARED_TEAM or service == "storage"]
        numbers = [TEAMS.index(team) for team in staffed]
        recent = (history.event_minute < since) & np.isin(history.event_team, numbers)
        people = np.unique(history.event_person[recent & (history.event_person >= 0)]).size
        more = 1.0 + 1.0 / max(people, 1)
        weekly = agency.SERVICE_BY_ID[service].tickets_count / 52.0
        yield (
            service,
            "one person more",
            Change(capacity=more),
            {team: {"people_factor": more} for team in staffed},
        )
        yield (
            service,
            "handling 10 % shorter",
            Change(handling=0.9),
            {team: {"work_factor": share_of(history, service, team, 0.9)} for team in teams},
        )
        yield service, "demand 20 % up", Change(demand=1.2), {}
        yield service, "one outage", Change(burst_count=round(0.5 * weekly)), {}
        if service in ("servers", "storage"):
            yield service, "goes first", Change(is_first=True), {}
        yield (
            service, "the bid's teams", Change(handling=0.9, handoffs=0.8, capacity=1.2),
            {team: {"people_factor": 1.2 if team in staffed else 1.0,
                    "work_factor": share_of(history, service, team, 0.9)} for team in teams},
        )  # fmt: skip


def share_of(history: History, service: str, team: str, factor: float) -> float:
    """Return the factor on all of a team's work when that on one service's tickets changes."""
    work = history.demand
    here = work.team == TEAMS.index(team)
    minutes = work.step_minutes[work.first_step[1:] - 1]
    own = here & (work.service == list(SERVICE_KEYS).index(service))
    return 1.0 - (1.0 - factor) * float(minutes[own].sum() / max(minutes[here].sum(), 1.0))


def mean_hours(history: History, service: str, since: int) -> float:
    """Return the mean time of what arrives in four weeks all the same, each ticket up to two weeks."""
    opened = wall_hours(history.demand.opened)
    over = np.where(history.resolved >= 0, history.resolved, history.canceled)
    ended = np.where(over >= 0, wall_hours(over), np.inf)
    begin = float(wall_hours(np.array([since]))[0])
    own = (
        (services_of(history) == SERVICES.index(service))
        & (opened >= begin)
        & (opened < begin + OPENED_HOURS)
    )
    return float(np.minimum(ended[own] - opened[own], FOLLOWED_HOURS).mean())


def stated(teams: dict[str, dict[str, float]]) -> SourcingOption:
    """Return the option that a case would state."""
    words = LocalText("x", "x")
    changes = []
    for name, factors in teams.items():
        place = f"case:options/x.yaml#{name}"
        numbers = {key: Uncertain("exact", (value,), None, None, place) for key, value in factors.items()}
        changes.append(TeamChange(name, place=place, **numbers))
    blank = SourcingOption("x", words, words, "improved", SERVICES, None, None, None, None, (), (), {})
    return replace(blank, teams=tuple(changes))


def altered(
    name: str, service: str, change: Change, teams: dict[str, dict[str, float]], calibration: Calibration,
    model: QueueModel, tickets: Tickets, rng: np.random.Generator, size: float,
) -> tuple[QueueModel, Tickets]:  # fmt: skip
    """Return the same world of the model with the change."""
    number = SERVICES.index(service)
    new = np.flatnonzero((tickets.kind // 2 == number) & (tickets.opened >= 0))
    if change.is_first:
        first = tuple(replace(one, level=0) if one.service == service else one for one in model.classes)
        return replace(model, classes=first), tickets
    if change.demand != 1.0 or change.burst_count:
        twice = new[rng.random(new.size) < change.demand - 1.0]
        burst = rng.choice(new, round(change.burst_count * size)) if change.burst_count else new[:0]
        like = np.concatenate([twice, burst])
        when = np.concatenate([tickets.opened[twice], 9.0 + rng.exponential(2.0, burst.size)])
        columns = {
            column: np.concatenate([getattr(tickets, column), getattr(tickets, column)[like]])
            for column in ("kind", "team", "work", "rest")
        }
        opened = np.concatenate([tickets.opened, when])
        number_of = np.concatenate([tickets.number, ADDED + np.arange(like.size)])
        order = np.argsort(opened, kind="stable")
        columns = {column: values[order] for column, values in columns.items()}
        return model, Tickets(opened=opened[order], number=number_of[order], **columns)
    option = stated(teams)
    exact = {place: np.full(1, number.values[0]) for place, number in uncertain_of(option).items()}
    then = changed_model(model, calibration, option, exact, 0, END_HOURS)
    if change.handoffs < 1.0:  # so many more come straight to a team that ends them, past those that sort
        own = np.array([TEAMS.index(team.name) for team in agency.TEAMS if service in team.services])
        straight = new[np.isin(tickets.team[new], own)]
        astray = new[~np.isin(tickets.team[new], own)]
        if straight.size:
            moved = astray[rng.random(astray.size) < 1.0 - change.handoffs]
            team = tickets.team.copy()
            team[moved] = rng.choice(tickets.team[straight], moved.size)
            tickets = replace(tickets, team=team)
    return then, tickets


def one_world(seed: int, size: float, draws: int) -> list[dict[str, Any]]:
    """Predict and look: one row a case."""
    rng = np.random.default_rng([seed, 78])
    since = timeline.YEAR_START + int(rng.integers(16, 45)) * 7 * timeline.DAY_MINUTES
    usual = live(seed, size)
    log = visit_log(usual).until(float(wall_hours(np.array([since]))[0]))
    calibration = calibrate(log, START)
    streams = Streams(seed)
    chosen = list(cases(seed, usual, since))
    logs = np.full((draws, len(chosen)), np.nan)
    for draw in range(draws):
        model, tickets = draw_world(calibration, streams, draw + 1, END_HOURS)

        def hours(how: QueueModel, who: Tickets, service: str, draw: int = draw) -> float:
            run = simulate(how, who, END_HOURS, seed=streams.seed, replication=draw + 1)
            own = (who.kind // 2 == SERVICES.index(service)) & (who.number < ADDED)
            own &= (who.opened >= 0) & (who.opened < OPENED_HOURS)
            if not own.any():
                return float("nan")
            return float(np.minimum(run.ended[own] - who.opened[own], FOLLOWED_HOURS).mean())

        before = {service: hours(model, tickets, service) for service, *_ in chosen}
        for place, (service, name, change, teams) in enumerate(chosen):
            own = np.random.default_rng([seed, draw, place])
            then = altered(name, service, change, teams, calibration, model, tickets, own, size)
            logs[draw, place] = np.log(hours(*then, service) / before[service])
    rows = []
    for place, (service, name, change, _) in enumerate(chosen):
        scaled = replace(change, burst_count=round(change.burst_count * size))
        truth = mean_hours(live(seed, size, {service: scaled}, since), service, since)
        rows.append({
            "seed": seed, "service": service, "change": name,
            "true": float(np.log(truth / mean_hours(usual, service, since))),
            "predicted": [round(float(value), 6) for value in logs[:, place] if np.isfinite(value)],
        })  # fmt: skip
    return rows


def summary(rows: list[dict[str, Any]], error: float) -> dict[str, Any]:
    """Return how often sign and intervals were right, and how reliable P(faster) is (ten equal bins).

    Parameters
    ----------
    error : float
        The model's error about levels, which `assess` takes from the backtest of the case's own log.
    """
    rng = np.random.default_rng(0)
    told: dict[str, Any] = {}
    for name in [*sorted({row["change"] for row in rows}), "all"]:
        own = [row for row in rows if name in (row["change"], "all")]
        true = np.array([row["true"] for row in own])
        drawn = []
        for row in own:
            ratio = np.repeat(np.exp(np.array(row["predicted"])), 20)[:, None]
            by_teams = row["change"] not in DEMAND
            told_of = believed(ratio, error, rng, by_teams=by_teams) if error else ratio
            drawn.append(np.log(told_of)[:, 0])
        middle = np.array([np.median(one) for one in drawn])
        held = {}
        for level in LEVELS:
            edges = np.array([np.quantile(one, ((1 - level) / 2, (1 + level) / 2)) for one in drawn])
            held[str(level)] = float(((edges[:, 0] <= true) & (true <= edges[:, 1])).mean())
        faster = np.array([(one < 0).mean() + (one == 0).mean() / 2 for one in drawn])
        bins = np.minimum((faster * 10).astype(int), 9)
        astray = sum(
            abs(faster[bins == one].mean() - (true[bins == one] < 0).mean()) * (bins == one).mean()
            for one in range(10)
            if (bins == one).any()
        )
        told[name] = {
            "n": len(own), "told": float((np.maximum(faster, 1 - faster) >= SURE).mean()),
            "sign_right_where_told": float(
                (np.sign(0.5 - faster) == np.sign(true))[np.maximum(faster, 1 - faster) >= SURE].mean()
            ) if (np.maximum(faster, 1 - faster) >= SURE).any() else None,
            "sign_right": float((np.sign(middle) == np.sign(true)).mean()), "held": held,
            "calibration_error": float(astray), "true_median": float(np.median(true)),
            "predicted_median": float(np.median(middle)),
            "slope": float((middle * true).sum() / max((middle**2).sum(), 1e-12)),
            "brier_skill": 1.0 - float(((faster - (true < 0)) ** 2).mean())
            / max(float((((middle < 0) * 1.0 - (true < 0)) ** 2).mean()), 1e-9),
        }  # fmt: skip
    return told


def main() -> None:
    """Run what is missing and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--worlds", type=int, default=60)
    parser.add_argument("--first", type=int, default=1000, help="seed of the first world")
    parser.add_argument("--size", type=float, default=0.3)
    parser.add_argument("--draws", type=int, default=30)
    parser.add_argument(
        "--error", type=float, default=0.09, help="error about levels; see docs/methods/queue.md"
    )
    said = parser.parse_args()
    lines = said.results.read_text("utf-8").splitlines() if said.results.exists() else []
    rows = [json.loads(line) for line in lines]
    done = {row["seed"] for row in rows}
    for seed in range(said.first, said.first + said.worlds):
        if seed in done:
            continue
        new = one_world(seed, said.size, said.draws)
        with said.results.open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(row) + "\n" for row in new))
        rows += new
    print(json.dumps({"without model error": summary(rows, 0.0), "all": summary(rows, said.error)}, indent=1))


if __name__ == "__main__":
    main()
