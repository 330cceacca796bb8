-- Distinct spellings and written times of tickets or events, so that each is interpreted once.
CREATE OR REPLACE TABLE moment_texts AS
SELECT opened_at AS text FROM given GROUP BY opened_at
UNION
SELECT resolved_at FROM given GROUP BY resolved_at
UNION
SELECT closed_at FROM given GROUP BY closed_at
UNION
SELECT updated_at FROM given GROUP BY updated_at;

CREATE OR REPLACE TABLE words AS
WITH spelled AS (
    SELECT state AS written FROM given GROUP BY state
    UNION
    SELECT state_before FROM given GROUP BY state_before
    UNION
    SELECT type FROM given GROUP BY type
    UNION
    SELECT team FROM given GROUP BY team
    UNION
    SELECT team_before FROM given GROUP BY team_before
    UNION
    SELECT category FROM given GROUP BY category
    UNION
    SELECT priority FROM given GROUP BY priority
)
SELECT
    spelled.written,
    plain(spelled.written) AS plain,
    states.meaning AS state,
    types.meaning AS type,
    coalesce(teams.meaning, plain(spelled.written)) AS team
FROM spelled
LEFT JOIN spellings AS states ON states.field = 'state' AND states.spelling = plain(spelled.written)
LEFT JOIN spellings AS types ON types.field = 'type' AND types.spelling = plain(spelled.written)
LEFT JOIN spellings AS teams ON teams.field = 'team' AND teams.spelling = plain(spelled.written)
WHERE spelled.written IS NOT NULL
