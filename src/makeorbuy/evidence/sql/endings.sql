-- Row per event: the last that was known before the cut of what a ticket's own row would have told.
CREATE OR REPLACE TABLE endings AS
WITH told AS (
    SELECT
        ticket,
        any_value(number) AS number,
        any_value(type) AS type,
        any_value(opened_minute) AS opened_minute,
        any_value(opened_local_minute) AS opened_local_minute,
        min(record) AS record,
        arg_max(category, moment_key) AS category,
        arg_max(priority, moment_key) AS priority,
        arg_max(reopen_count, moment_key) AS reopen_count,
        arg_max(resolved_minute, moment_key) AS resolved_minute,
        arg_max(resolved_local_minute, moment_key) AS resolved_local_minute,
        arg_max(closed_minute, moment_key) AS closed_minute,
        arg_max(closed_local_minute, moment_key) AS closed_local_minute,
        max(moment_key) FILTER (WHERE state IN ('open', 'waiting')) AS last_open_key,
        arg_max(at_minute, moment_key) FILTER (WHERE state IN ('open', 'waiting')) AS last_open_minute,
        arg_max(at_local_minute, moment_key) FILTER (WHERE state IN ('open', 'waiting'))
        AS last_open_local_minute,
        max(moment_key) FILTER (WHERE state <> 'cancelled') AS last_not_cancelled_key
    FROM events
    GROUP BY ticket
), last_time AS (
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
SELECT told.*, last_time.* EXCLUDE (ticket)
FROM told
LEFT JOIN last_time ON told.ticket = last_time.ticket
