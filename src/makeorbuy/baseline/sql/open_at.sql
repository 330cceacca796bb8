-- Tickets of every type that were open at the start of the period and at the cut, by service.
SELECT
    service,
    count(*) FILTER (
        WHERE opened_local_minute < $start_local_minute
        AND (ending = 'open' OR end_local_minute >= $start_local_minute)
    ) AS open_at_start,
    count(*) FILTER (WHERE ending = 'open') AS open_at_end,
    count(*) FILTER (WHERE opened_local_minute < $start_local_minute) AS opened_before
FROM tickets
WHERE service IS NOT NULL AND opened_local_minute < $end_local_minute
GROUP BY service
ORDER BY service
