-- Tickets opened and resolved by local day.
SELECT day_number, CAST(sum(opened) AS BIGINT) AS opened, CAST(sum(ended) AS BIGINT) AS ended
FROM (
    SELECT opened_local_minute // 1440 AS day_number, 1 AS opened, 0 AS ended FROM tickets
    UNION ALL
    SELECT end_local_minute // 1440, 0, 1 FROM tickets WHERE ending = 'resolved'
) AS moments
GROUP BY day_number
ORDER BY day_number
