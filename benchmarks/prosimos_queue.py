"""M/M/10 at load 0.9 in Prosimos: prints processor microseconds a case. Run by queue_simulation.py.

``python prosimos_queue.py CASES`` in an environment of its own with prosimos 2.1.0.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
  <process id="p" isExecutable="true">
    <startEvent id="begin"><outgoing>a</outgoing></startEvent>
    <task id="work" name="work"><incoming>a</incoming><outgoing>b</outgoing></task>
    <endEvent id="end"><incoming>b</incoming></endEvent>
    <sequenceFlow id="a" sourceRef="begin" targetRef="work"/>
    <sequenceFlow id="b" sourceRef="work" targetRef="end"/>
  </process>
</definitions>
"""
ALWAYS = [{"from": "MONDAY", "to": "SUNDAY", "beginTime": "00:00:00", "endTime": "23:59:59.999999"}]


def exponential(seconds: float) -> dict[str, object]:
    """Return a distribution as Prosimos writes it: mean, least and most."""
    return {
        "distribution_name": "expon",
        "distribution_params": [{"value": value} for value in (seconds, 0.0, 1e9)],
    }


def main(cases: int) -> None:
    """Run the model and print its cost."""
    from prosimos.simulation_engine import run_simulation

    people = {"id": "staff", "name": "staff", "amount": 10, "cost_per_hour": 1, "calendar": "always"}
    parameters = {
        "resource_profiles": [{"id": "pool", "name": "pool", "resource_list": [people]}],
        "arrival_time_distribution": exponential(3600.0 / 9.0),
        "arrival_time_calendar": ALWAYS,
        "gateway_branching_probabilities": [],
        "task_resource_distribution": [
            {"task_id": "work", "resources": [{"resource_id": "staff", **exponential(3600.0)}]}
        ],
        "resource_calendars": [{"id": "always", "name": "always", "time_periods": ALWAYS}],
    }
    with tempfile.TemporaryDirectory() as folder:
        process, values = Path(folder) / "process.bpmn", Path(folder) / "parameters.json"
        process.write_text(PROCESS, "utf-8")
        values.write_text(json.dumps(parameters), "utf-8")
        began = time.process_time()
        run_simulation(str(process), str(values), cases, starting_at="2024-01-01T00:00:00+00:00")
        print((time.process_time() - began) / cases * 1e6)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
