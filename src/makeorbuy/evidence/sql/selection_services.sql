-- Tickets of each service, and those open at the cut.
SELECT service, count(*) AS tickets, count(*) FILTER (WHERE ending = 'open') AS open
FROM tickets
WHERE service IS NOT NULL
GROUP BY service
ORDER BY service
