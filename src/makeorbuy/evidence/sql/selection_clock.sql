-- Resolved tickets by the ten minutes of the day in which they end; those at midnight are days, not times.
SELECT end_local_minute % 1440 // 10 AS ten_minutes, count(*) AS tickets
FROM tickets
WHERE ending = 'resolved' AND end_local_minute % 1440 <> 0
GROUP BY ten_minutes
ORDER BY ten_minutes
