-- A row per ticket: one row for each number is left, and those opened before the cut count.
CREATE OR REPLACE TABLE base AS
SELECT sound.*, getvariable('has_resolved') AS has_resolved, row_number() OVER (ORDER BY sound.opened_minute, sound.record) AS ticket
FROM sound
WHERE sound.opened_minute < getvariable('cut_minute');

CREATE OR REPLACE TABLE numbers AS
SELECT number, any_value(status ORDER BY rank) AS status, min(ticket) AS ticket
FROM (
    SELECT number, 'used' AS status, 1 AS rank, ticket FROM base
    UNION ALL
    SELECT number, 'after_cut', 2, NULL FROM sound WHERE opened_minute >= getvariable('cut_minute')
    UNION ALL
    SELECT number, 'set_aside', 3, NULL FROM given WHERE number IS NOT NULL
) AS every_number
GROUP BY number;

-- a history may name its tickets by another key than the number; one that two tickets have names neither
INSERT INTO numbers
SELECT given.key, any_value(numbers.status), any_value(numbers.ticket)
FROM given
JOIN numbers ON given.number = numbers.number
WHERE given.key IS NOT NULL AND given.key NOT IN (SELECT number FROM numbers)
GROUP BY given.key
HAVING count(DISTINCT given.number) = 1;

CREATE OR REPLACE TABLE fate AS
SELECT
    count(*) FILTER (WHERE opened_minute < getvariable('cut_minute')) AS used,
    count(*) FILTER (WHERE opened_minute >= getvariable('cut_minute')) AS after_cut
FROM sound
