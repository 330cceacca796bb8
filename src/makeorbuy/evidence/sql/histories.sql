-- What the events before the cut say about each ticket, in order of time (ties in order of the file).
-- What was not recorded at all, and what the export has lost the beginning of, is unknown and not zero.
CREATE OR REPLACE TABLE histories AS
WITH steps AS (
    SELECT
        ticket,
        moment_key,
        state,
        team,
        lost_count,
        handling_seconds,
        lag(team IGNORE NULLS) OVER in_order AS team_before,
        lag(state IGNORE NULLS) OVER in_order AS state_before
    FROM events
    WINDOW in_order AS (PARTITION BY ticket ORDER BY moment_key)
), recorded AS (
    SELECT count(team) > 0 AS teams, count(state) > 0 AS states FROM events
)
SELECT
    ticket,
    arg_max(state, moment_key) AS state,
    arg_max(team, moment_key) AS team,
    CASE
        WHEN any_value(recorded.teams) AND coalesce(max(lost_count), 0) = 0
            THEN count(*) FILTER (WHERE team <> team_before)
    END AS handoff_count,
    CASE
        WHEN coalesce(max(lost_count), 0) = 0
            THEN count(*) FILTER (
                WHERE state IN ('open', 'waiting') AND state_before IN ('resolved', 'closed')
            )
    END AS reopenings,
    CAST(sum(handling_seconds) AS BIGINT) AS handling_seconds,
    count(state) > 0 AS has_states,
    CASE
        WHEN bool_or(state = 'waiting') THEN TRUE
        WHEN any_value(recorded.states) AND coalesce(max(lost_count), 0) = 0 THEN FALSE
    END AS waited
FROM steps
CROSS JOIN recorded
GROUP BY ticket
