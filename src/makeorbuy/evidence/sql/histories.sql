-- What the events before the cut say about each ticket, in order of time (ties in order of the file).
CREATE OR REPLACE TABLE histories AS
WITH steps AS (
    SELECT
        ticket,
        moment_key,
        state,
        team,
        lag(team IGNORE NULLS) OVER in_order AS team_before,
        lag(state IGNORE NULLS) OVER in_order AS state_before
    FROM events
    WINDOW in_order AS (PARTITION BY ticket ORDER BY moment_key)
)
SELECT
    ticket,
    arg_max(state, moment_key) AS state,
    arg_max(team, moment_key) AS team,
    count(*) FILTER (WHERE team <> team_before) AS handoff_count,
    count(*) FILTER (
        WHERE state IN ('open', 'waiting') AND state_before IN ('resolved', 'closed')
    ) AS reopenings,
    count(state) > 0 AS has_states,
    coalesce(bool_or(state = 'waiting'), FALSE) AS waited
FROM steps
GROUP BY ticket
