-- Tickets of each service's measured type opened in the period, counted by week of opening and by
-- elapsed minutes from opened to resolved; others are counted until last seen open. A log that holds
-- nothing ended before $entry_minute sees what was opened before from then on only.
-- Week 0 is the Monday-to-Sunday week of 1970-01-01, a Thursday: hence + 3.
WITH measured AS (
    SELECT
        unnest($positions::BIGINT[]) AS position,
        unnest($services::VARCHAR[]) AS service,
        unnest($types::VARCHAR[]) AS type
)
SELECT
    measured.position AS position,
    tickets.end_minute - tickets.opened_minute AS minutes,
    (tickets.opened_local_minute // 1440 + 3) // 7 AS week,
    greatest(0, $entry_minute - tickets.opened_minute) AS entry_minutes,
    count(*) FILTER (WHERE tickets.ending = 'resolved') AS resolved_count,
    count(*) FILTER (WHERE tickets.ending <> 'resolved') AS censored_count
FROM tickets
JOIN measured ON tickets.service = measured.service AND tickets.type = measured.type
WHERE tickets.opened_minute >= $start_minute AND tickets.opened_minute < $end_minute
    AND NOT (tickets.opened_minute < $entry_minute AND tickets.end_minute < $entry_minute)
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
