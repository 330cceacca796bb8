-- Openings, ends and closings by local day, with the last minute of each day.
SELECT at_minute // 1440 AS day_number, count(*) AS moments, max(at_minute) AS last_minute
FROM (
    SELECT opened_local_minute AS at_minute FROM tickets
    UNION ALL
    SELECT end_local_minute FROM tickets WHERE ending <> 'open'
    UNION ALL
    SELECT closed_minute - end_minute + end_local_minute FROM tickets WHERE closed_minute IS NOT NULL
) AS moments
GROUP BY day_number
ORDER BY day_number
