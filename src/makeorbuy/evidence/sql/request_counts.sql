CREATE OR REPLACE TABLE typed AS
SELECT
    given.record,
    given.fingerprint,
    days.day || ' ' || given.service AS key,
    hash(given.count) AS content,
    days.day >= getvariable('cut_day') AS is_after_cut,
    days.day,
    given.service,
    CASE WHEN regexp_full_match(given.count, '[0-9]{1,9}') THEN CAST(given.count AS BIGINT) END AS requests
FROM given
LEFT JOIN days ON given.date = days.text;

INSERT INTO faults
SELECT getvariable('source'), record, code, field, shape(found)
FROM (
    SELECT given.record, days.fault AS code, 'date' AS field, given.date AS found
    FROM given JOIN days ON given.date = days.text
    UNION ALL
    SELECT record, 'missing_time', 'date', '' FROM given WHERE date IS NULL
    UNION ALL
    SELECT record, 'unknown_service', 'service', service
    FROM given
    WHERE service IS NULL OR service NOT IN (SELECT id FROM service_ids)
    UNION ALL
    SELECT record, 'bad_number', 'count', count
    FROM given
    WHERE count IS NULL OR NOT regexp_full_match(count, '[0-9]{1,9}')
) AS checked
WHERE code IS NOT NULL
