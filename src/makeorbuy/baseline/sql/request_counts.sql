-- Simple requests that were counted and not logged one by one, in the period, by service.
SELECT
    service,
    CAST(sum(requests) AS BIGINT) AS requests
FROM request_counts
WHERE day >= DATE '1970-01-01' + CAST($start_day AS INTEGER)
  AND day < DATE '1970-01-01' + CAST($end_day AS INTEGER)
GROUP BY service
ORDER BY service
