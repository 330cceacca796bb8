-- Which days are worked.
SELECT day_number AS day, CAST(close_minute > open_minute AS BIGINT) AS is_worked
FROM calendar
ORDER BY 1
