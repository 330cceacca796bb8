-- Resolved tickets of each service's measured type opened in the period, counted by the seconds of work
-- registered on them; -1 where nothing is.
WITH measured AS (
    SELECT unnest($services::VARCHAR[]) AS service, unnest($types::VARCHAR[]) AS type
)
SELECT
    tickets.service,
    coalesce(tickets.handling_seconds, -1) AS seconds,
    count(*) AS tickets
FROM tickets
JOIN measured ON tickets.service = measured.service AND tickets.type = measured.type
WHERE tickets.ending = 'resolved'
    AND tickets.opened_minute >= $start_minute
    AND tickets.opened_minute < $end_minute
GROUP BY 1, 2
ORDER BY 1, 2
