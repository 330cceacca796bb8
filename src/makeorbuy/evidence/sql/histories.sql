-- What the events before the cut say about each ticket, in order of time (ties in order of the file).
CREATE OR REPLACE TABLE histories AS
WITH steps AS (
    SELECT
        *,
        lag(team IGNORE NULLS) OVER in_order AS team_before,
        lag(state IGNORE NULLS) OVER in_order AS state_before
    FROM events
    WINDOW in_order AS (PARTITION BY ticket ORDER BY moment_key)
), told AS (
    SELECT
        ticket,
        arg_max(state, moment_key) AS state,
        arg_max(team, moment_key) AS team,
        arg_max(category, moment_key) AS category,
        arg_max(priority, moment_key) AS priority,
        arg_max(reopen_count, moment_key) AS reopen_count,
        arg_max(resolved_minute, moment_key) AS resolved_minute,
        arg_max(resolved_local_minute, moment_key) AS resolved_local_minute,
        arg_max(closed_minute, moment_key) AS closed_minute,
        arg_max(closed_local_minute, moment_key) AS closed_local_minute,
        count(*) FILTER (WHERE team <> team_before) AS handoff_count,
        count(*) FILTER (
            WHERE state IN ('open', 'waiting') AND state_before IN ('resolved', 'closed')
        ) AS reopenings,
        count(state) > 0 AS has_states,
        coalesce(bool_or(state = 'waiting'), FALSE) AS waited,
        max(moment_key) FILTER (WHERE state IN ('open', 'waiting')) AS last_open_key,
        arg_max(at_minute, moment_key) FILTER (WHERE state IN ('open', 'waiting')) AS last_open_minute,
        arg_max(at_local_minute, moment_key) FILTER (WHERE state IN ('open', 'waiting'))
        AS last_open_local_minute,
        max(moment_key) FILTER (WHERE state <> 'cancelled') AS last_not_cancelled_key
    FROM steps
    GROUP BY ticket
), endings AS (
    -- the first event of the last time that it was resolved or cancelled
    SELECT
        events.ticket,
        arg_min(events.at_minute, events.moment_key) FILTER (WHERE events.state = 'resolved')
        AS resolved_event_minute,
        arg_min(events.at_local_minute, events.moment_key) FILTER (WHERE events.state = 'resolved')
        AS resolved_event_local_minute,
        arg_min(events.at_minute, events.moment_key) FILTER (
            WHERE events.state = 'cancelled' AND events.moment_key > coalesce(told.last_not_cancelled_key, -1)
        ) AS cancelled_event_minute,
        arg_min(events.at_local_minute, events.moment_key) FILTER (
            WHERE events.state = 'cancelled' AND events.moment_key > coalesce(told.last_not_cancelled_key, -1)
        ) AS cancelled_event_local_minute
    FROM events
    JOIN told ON events.ticket = told.ticket
    WHERE events.state IN ('resolved', 'cancelled') AND events.moment_key > coalesce(told.last_open_key, -1)
    GROUP BY events.ticket
)
SELECT told.*, endings.* EXCLUDE (ticket)
FROM told
LEFT JOIN endings ON told.ticket = endings.ticket
