-- What a re-export says otherwise about tickets that had ended when the last one was taken (views earlier,
-- later): by column, how many rows changed and by how many minutes a time moved (median, rounded down).
WITH past AS (
    SELECT *
    FROM earlier
    WHERE ending <> 'open' AND end_minute < getvariable('both_cuts')
), pairs AS (
    SELECT
        later.number IS NULL AS is_gone,
        later.service IS DISTINCT FROM past.service AS service,
        later.type IS DISTINCT FROM past.type AS type,
        later.opened_minute - past.opened_minute AS opened_by,
        later.ending = 'open' AS is_open_again,
        CASE WHEN later.ending <> 'open' THEN later.end_minute - past.end_minute END AS end_by,
        CASE
            WHEN past.closed_minute < getvariable('both_cuts')
                THEN later.closed_minute IS DISTINCT FROM past.closed_minute
            ELSE FALSE
        END AS closed,
        later.closed_minute - past.closed_minute AS closed_by,
        later.team IS DISTINCT FROM past.team AS team,
        later.category IS DISTINCT FROM past.category AS category,
        later.priority IS DISTINCT FROM past.priority AS priority,
        later.reopen_count IS DISTINCT FROM past.reopen_count AS reopen_count,
        later.handling_seconds IS DISTINCT FROM past.handling_seconds AS handling_time
    FROM past
    LEFT JOIN later ON past.number = later.number
), here AS (
    SELECT * FROM pairs WHERE NOT is_gone
)
SELECT column_name, changed, moved_minutes, compared
FROM (
    SELECT
        'any' AS column_name,
        count(*) FILTER (
            WHERE service OR type OR opened_by <> 0 OR is_open_again OR end_by <> 0 OR closed OR team OR category
                OR priority OR reopen_count OR (handling_time AND NOT is_open_again)
        ) AS changed,
        CAST(NULL AS BIGINT) AS moved_minutes,
        0 AS place
    FROM here
    UNION ALL SELECT 'gone', count(*) FILTER (WHERE is_gone), NULL, 1 FROM pairs
    UNION ALL SELECT 'open_again', count(*) FILTER (WHERE is_open_again), NULL, 2 FROM here
    UNION ALL SELECT
        'opened_at', count(*) FILTER (WHERE opened_by <> 0),
        quantile_disc(abs(opened_by), 0.5) FILTER (WHERE opened_by <> 0), 3
    FROM here
    UNION ALL SELECT
        'resolved_at', count(*) FILTER (WHERE end_by <> 0),
        quantile_disc(abs(end_by), 0.5) FILTER (WHERE end_by <> 0), 4
    FROM here
    UNION ALL SELECT
        'closed_at', count(*) FILTER (WHERE closed), quantile_disc(abs(closed_by), 0.5) FILTER (WHERE closed), 5
    FROM here
    UNION ALL SELECT 'service', count(*) FILTER (WHERE service), NULL, 6 FROM here
    UNION ALL SELECT 'team', count(*) FILTER (WHERE team), NULL, 7 FROM here
    UNION ALL SELECT 'category', count(*) FILTER (WHERE category), NULL, 8 FROM here
    UNION ALL SELECT 'priority', count(*) FILTER (WHERE priority), NULL, 9 FROM here
    UNION ALL SELECT 'type', count(*) FILTER (WHERE type), NULL, 10 FROM here
    UNION ALL SELECT 'reopen_count', count(*) FILTER (WHERE reopen_count), NULL, 11 FROM here
    UNION ALL SELECT 'handling_time', count(*) FILTER (WHERE handling_time AND NOT is_open_again), NULL, 12 FROM here
) AS by_column
CROSS JOIN (SELECT count(*) AS compared FROM past) AS total
ORDER BY place
