-- The leave plan in the order in which it was known; of equal days the later row of the file holds.
SELECT
    coalesce(team, '') AS team,
    CAST(date_diff('day', DATE '1970-01-01', first_day) AS BIGINT) AS first,
    CAST(date_diff('day', DATE '1970-01-01', last_day) AS BIGINT) AS last,
    CAST(date_diff('day', DATE '1970-01-01', known) AS BIGINT) AS known,
    1.0 - away_thousandths / people_thousandths AS present
FROM leave
ORDER BY known, record
