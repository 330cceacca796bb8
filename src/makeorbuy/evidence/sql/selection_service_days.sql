-- Tickets opened and resolved by service and local day.
SELECT service, day_number, CAST(sum(opened) AS BIGINT) AS opened, CAST(sum(ended) AS BIGINT) AS ended
FROM (
    SELECT service, opened_local_minute // 1440 AS day_number, 1 AS opened, 0 AS ended FROM tickets
    UNION ALL
    SELECT service, end_local_minute // 1440, 0, 1 FROM tickets WHERE ending = 'resolved'
) AS moments
WHERE service IS NOT NULL
GROUP BY service, day_number
ORDER BY service, day_number
