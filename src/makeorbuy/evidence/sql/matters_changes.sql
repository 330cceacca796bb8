CREATE OR REPLACE TABLE typed AS
SELECT
    given.record,
    given.fingerprint,
    CAST(NULL AS VARCHAR) AS key,
    0 AS content,
    coalesce(opened.day, changed.day) >= getvariable('cut_day') AS is_after_cut,
    given.matter,
    opened.day AS opened,
    changed.day AS changed,
    closed.day AS closed,
    given.state,
    given.kind
FROM given
LEFT JOIN days AS opened ON given.opened_on = opened.text
LEFT JOIN days AS closed ON given.closed_on = closed.text
LEFT JOIN days AS changed ON given.state_on = changed.text;

INSERT INTO faults
SELECT getvariable('source'), record, code, field, shape(found)
FROM (
    SELECT record, 'missing_number' AS code, 'matter' AS field, '' AS found FROM given WHERE matter IS NULL
    UNION ALL
    SELECT record, 'missing_time', 'state_on', '' FROM given WHERE state_on IS NULL
    UNION ALL
    SELECT given.record, days.fault, 'opened_on', given.opened_on
    FROM given JOIN days ON given.opened_on = days.text
    UNION ALL
    SELECT given.record, days.fault, 'closed_on', given.closed_on
    FROM given JOIN days ON given.closed_on = days.text
    UNION ALL
    SELECT given.record, days.fault, 'state_on', given.state_on
    FROM given JOIN days ON given.state_on = days.text
    UNION ALL
    SELECT record, 'unknown_state', 'state', state
    FROM given
    WHERE state IS NULL OR state NOT IN ('open', 'waiting', 'resolved', 'closed', 'cancelled', 'transferred')
    UNION ALL
    SELECT record, 'closed_without_resolved', 'closed_on', ''
    FROM given
    WHERE getvariable('has_closed') AND closed_on IS NULL AND state IN ('resolved', 'closed', 'cancelled')
    UNION ALL
    SELECT given.record, 'closed_before_opened', 'closed_on', ''
    FROM given
    JOIN days AS opened ON given.opened_on = opened.text
    JOIN days AS closed ON given.closed_on = closed.text
    WHERE closed.day < opened.day
) AS checked
WHERE code IS NOT NULL
