-- What tells how an export was selected and how its times were made, as counts.
WITH flow AS (
    SELECT
        *,
        end_minute - opened_minute AS minutes,
        -- minutes beyond whole days on the wall clock
        (end_local_minute - opened_local_minute) % 1440 AS beyond_days,
        -- the hour is enough: summer time moves a lag of whole days by one
        (closed_minute - end_minute + 30) // 60 AS lag_hours
    FROM tickets
), lags AS (
    SELECT lag_hours, count(*) AS tickets
    FROM flow
    WHERE ending = 'resolved' AND closed_minute IS NOT NULL
    GROUP BY lag_hours
    ORDER BY tickets DESC, lag_hours
    LIMIT 1
), hours AS (
    SELECT end_local_minute // 60 AS hour, count(*) AS tickets
    FROM flow
    WHERE ending = 'resolved' AND end_local_minute % 1440 <> 0
    GROUP BY hour
    ORDER BY tickets DESC, hour
    LIMIT 1
), edge AS (
    -- three in a thousand, and at least three tickets, are this quick
    SELECT minutes
    FROM flow
    WHERE ending = 'resolved'
    ORDER BY minutes
    LIMIT 1
    OFFSET (SELECT greatest(3, CAST(ceil(0.003 * count(*)) AS BIGINT)) - 1 FROM flow WHERE ending = 'resolved')
)
SELECT
    count(*) AS tickets,
    count(*) FILTER (WHERE ending = 'open') AS open,
    count(*) FILTER (WHERE ending = 'resolved') AS resolved,
    count(*) FILTER (WHERE ending = 'resolved' AND closed_minute IS NOT NULL) AS closed,
    (SELECT minutes FROM edge) AS edge_minutes,
    count(*) FILTER (WHERE ending = 'resolved' AND minutes <= (SELECT minutes FROM edge)) AS at_edge,
    -- half as long again, in whole minutes
    count(*) FILTER (WHERE ending = 'resolved' AND 2 * minutes <= 3 * (SELECT minutes FROM edge)) AS near_edge,
    count(*) FILTER (WHERE opened_local_minute % 1440 = 0) AS opened_at_midnight,
    count(*) FILTER (WHERE ending = 'resolved' AND end_local_minute % 1440 = 0) AS ended_at_midnight,
    count(*) FILTER (
        WHERE ending = 'resolved' AND end_local_minute > opened_local_minute AND beyond_days = 0
    ) AS ended_after_whole_days,
    -- times that people type are round: then these six lags are as common
    count(*) FILTER (
        WHERE ending = 'resolved'
            AND end_local_minute >= opened_local_minute + 1380
            AND beyond_days IN (15, 30, 60, 1380, 1410, 1425)
    ) AS ended_near_whole_days,
    (SELECT lag_hours FROM lags) AS lag_hours,
    (SELECT tickets FROM lags) AS lag_tickets,
    (SELECT hour FROM hours) AS busiest_hour,
    (SELECT tickets FROM hours) AS busiest_hour_tickets,
    -- days without hours are told as such
    count(*) FILTER (
        WHERE ending = 'resolved' AND minutes = 0 AND opened_local_minute % 1440 <> 0
    ) AS ended_at_once
FROM flow
