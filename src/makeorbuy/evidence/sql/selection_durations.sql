-- Resolved tickets by whole days from opened to resolved.
SELECT (end_minute - opened_minute) // 1440 AS days, count(*) AS tickets
FROM tickets
WHERE ending = 'resolved'
GROUP BY days
ORDER BY days
