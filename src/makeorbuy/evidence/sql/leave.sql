-- Who is away as planned: by team (NULL: every other team) and days, as it stood on the day it was known.
CREATE OR REPLACE TABLE typed AS
SELECT
    given.record,
    given.fingerprint,
    concat_ws(' / ', known.day, starts.day, ends.day, coalesce(team, '')) AS key,
    hash(people, away) AS content,
    known.day >= getvariable('cut_day') AS is_after_cut,
    known.day AS known,
    starts.day AS first_day,
    ends.day AS last_day,
    team,
    scaled(people, 1000) AS people_thousandths,
    scaled(away, 1000) AS away_thousandths
FROM given
LEFT JOIN days AS known ON given.known_on = known.text
LEFT JOIN days AS starts ON given.from_on = starts.text
LEFT JOIN days AS ends ON given.to_on = ends.text;

INSERT INTO faults
SELECT getvariable('source'), record, code, field, shape(found)
FROM (
    SELECT record, 'missing_time' AS code, field, '' AS found
    FROM (
        SELECT record, unnest(['known_on', 'from_on', 'to_on']) AS field, unnest([known_on, from_on, to_on]) AS text
        FROM given
    ) AS times
    WHERE text IS NULL
    UNION ALL
    SELECT record, days.fault, field, times.text
    FROM (
        SELECT record, unnest(['known_on', 'from_on', 'to_on']) AS field, unnest([known_on, from_on, to_on]) AS text
        FROM given
    ) AS times
    JOIN days ON times.text = days.text
    UNION ALL
    SELECT given.record, 'ended_before_started', 'to_on', ''
    FROM given
    JOIN days AS starts ON given.from_on = starts.text
    JOIN days AS ends ON given.to_on = ends.text
    WHERE ends.day < starts.day
    UNION ALL
    SELECT record, 'unknown_team', 'team', team
    FROM given
    WHERE team IS NOT NULL AND team NOT IN (SELECT meaning FROM spellings WHERE field = 'team')
    UNION ALL
    SELECT record, number_fault(people, 'bad_number'), 'people', people FROM given
    UNION ALL
    SELECT record, number_fault(away, 'bad_number'), 'away', away FROM given
    UNION ALL
    SELECT record, 'not_positive', 'people', people FROM given WHERE written_number(people) <= 0
    UNION ALL
    SELECT record, 'negative', 'away', away FROM given WHERE written_number(away) < 0
    UNION ALL
    SELECT record, 'more_away_than_people', 'away', away
    FROM given
    WHERE written_number(away) > written_number(people)
) AS checked
WHERE code IS NOT NULL
