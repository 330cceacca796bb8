-- Which service claims each pair of team and category; a pair with two claims is told, not settled.
CREATE OR REPLACE TABLE claimed AS
WITH pairs AS (
    SELECT team, category, count(*) AS tickets FROM unplaced GROUP BY team, category
)
SELECT pairs.team, pairs.category, pairs.tickets, list(claims.service ORDER BY claims.position) AS services
FROM pairs
JOIN claims ON
    (len(claims.teams) = 0 OR list_contains(claims.teams, pairs.team))
    AND (len(claims.categories) = 0 OR list_contains(claims.categories, pairs.category))
GROUP BY pairs.team, pairs.category, pairs.tickets
