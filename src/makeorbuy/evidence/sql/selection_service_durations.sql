-- Resolved tickets by service and whole days from opened to resolved.
SELECT service, (end_minute - opened_minute) // 1440 AS days, count(*) AS tickets
FROM tickets
WHERE ending = 'resolved' AND service IS NOT NULL
GROUP BY service, days
ORDER BY service, days
