-- Tickets that no service claims, by team and, where services name categories, category: the fifty with most.
SELECT
    team,
    CASE WHEN $has_categories THEN category END AS category,
    count(*) AS tickets,
    CAST(DATE '1970-01-01' + CAST(min(opened_local_minute) // 1440 AS INTEGER) AS VARCHAR) AS first_opened,
    CAST(DATE '1970-01-01' + CAST(max(opened_local_minute) // 1440 AS INTEGER) AS VARCHAR) AS last_opened
FROM tickets
WHERE service IS NULL
GROUP BY ALL
ORDER BY tickets DESC, team, category
LIMIT 50
