CREATE OR REPLACE TABLE typed AS
SELECT
    given.record,
    given.fingerprint,
    given.matter AS key,
    hash(given.opened_on, given.closed_on, given.kind) AS content,
    opened.day >= getvariable('cut_day') AS is_after_cut,
    given.matter,
    opened.day AS opened,
    CASE WHEN closed.day < getvariable('cut_day') THEN closed.day END AS closed,
    CAST(NULL AS DATE) AS transferred,
    given.kind
FROM given
LEFT JOIN days AS opened ON given.opened_on = opened.text
LEFT JOIN days AS closed ON given.closed_on = closed.text;

INSERT INTO faults
SELECT getvariable('source'), record, code, field, shape(found)
FROM (
    SELECT record, 'missing_number' AS code, 'matter' AS field, '' AS found FROM given WHERE matter IS NULL
    UNION ALL
    SELECT record, 'missing_opened', 'opened_on', '' FROM given WHERE opened_on IS NULL
    UNION ALL
    SELECT given.record, days.fault, 'opened_on', given.opened_on
    FROM given JOIN days ON given.opened_on = days.text
    UNION ALL
    SELECT given.record, days.fault, 'closed_on', given.closed_on
    FROM given JOIN days ON given.closed_on = days.text
    UNION ALL
    SELECT given.record, 'closed_before_opened', 'closed_on', ''
    FROM given
    JOIN days AS opened ON given.opened_on = opened.text
    JOIN days AS closed ON given.closed_on = closed.text
    WHERE closed.day < opened.day
) AS checked
WHERE code IS NOT NULL
