-- Distinct spellings and written times of tickets or events, so that each is interpreted once.
CREATE OR REPLACE TABLE moment_texts AS
SELECT DISTINCT unnest([opened_at, resolved_at, closed_at, updated_at]) AS text FROM given;

CREATE OR REPLACE TABLE words AS
WITH spelled AS (
    SELECT DISTINCT unnest([state, state_before, type, team, team_before, category, priority]) AS written FROM given
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
