-- Tickets of every type opened in the period, by service, and what became of them by the cut.
SELECT
    service,
    count(*) AS tickets,
    count(*) FILTER (WHERE ending = 'open') AS open,
    count(*) FILTER (WHERE ending = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE ending = 'unknown') AS unknown_end,
    count(*) FILTER (WHERE handoff_count >= 1) AS handed_over,
    count(handoff_count) AS handoff_known,
    CAST(coalesce(sum(handoff_count), 0) AS BIGINT) AS handoffs,
    count(*) FILTER (WHERE reopen_count >= 1) AS reopened,
    count(reopen_count) AS reopen_known
FROM tickets
WHERE service IS NOT NULL AND opened_minute >= $start_minute AND opened_minute < $end_minute
GROUP BY service
ORDER BY service
