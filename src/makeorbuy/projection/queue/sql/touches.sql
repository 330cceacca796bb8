-- How many different people of a team touched tickets, day by day on the wall clock.
SELECT
    team,
    at_local_minute // 1440 AS day,
    CAST(count(DISTINCT person) AS BIGINT) AS people
FROM ticket_events
WHERE team IS NOT NULL AND person IS NOT NULL AND state <> 'closed'
GROUP BY 1, 2
ORDER BY 1, 2
