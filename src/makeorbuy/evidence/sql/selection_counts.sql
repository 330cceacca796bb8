-- What tells how an export was selected and how its times were made, as counts.
WITH flow AS (
    SELECT
        *,
        end_minute - opened_minute AS minutes,
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
)
SELECT
    count(*) AS tickets,
    count(*) FILTER (WHERE ending = 'open') AS open,
    count(*) FILTER (WHERE ending = 'resolved') AS resolved,
    count(*) FILTER (WHERE ending = 'resolved' AND closed_minute IS NOT NULL) AS closed,
    quantile_disc(minutes, 0.01) FILTER (WHERE ending = 'resolved') AS short_minutes,
    quantile_disc(minutes, 0.5) FILTER (WHERE ending = 'resolved') AS median_minutes,
    count(*) FILTER (WHERE opened_local_minute % 1440 = 0) AS opened_at_midnight,
    count(*) FILTER (WHERE ending = 'resolved' AND end_local_minute % 1440 = 0) AS ended_at_midnight,
    count(*) FILTER (
        WHERE ending = 'resolved'
            AND end_local_minute > opened_local_minute
            AND (end_local_minute - opened_local_minute) % 1440 = 0
    ) AS ended_after_whole_days,
    (SELECT lag_hours FROM lags) AS lag_hours,
    (SELECT tickets FROM lags) AS lag_tickets
FROM flow
