-- Tickets of every type that arrived and that ended in the period, by service and week on the wall
-- clock. A ticket without a known end counts as ended when it was last known to be open.
WITH moments AS (
    SELECT service, opened_local_minute AS at_local_minute, 1 AS arrived, 0 AS ended
    FROM tickets
    UNION ALL
    SELECT service, end_local_minute, 0, 1
    FROM tickets
    WHERE ending <> 'open'
)
SELECT
    service,
    (at_local_minute // 1440 + 3) // 7 AS week,
    CAST(sum(arrived) AS BIGINT) AS arrived,
    CAST(sum(ended) AS BIGINT) AS ended
FROM moments
WHERE service IS NOT NULL AND at_local_minute >= $start_local_minute AND at_local_minute < $end_local_minute
GROUP BY 1, 2
ORDER BY 1, 2
