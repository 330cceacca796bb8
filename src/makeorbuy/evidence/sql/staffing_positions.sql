CREATE OR REPLACE TABLE typed AS
SELECT
    given.record,
    given.fingerprint,
    CAST(NULL AS VARCHAR) AS key,
    0 AS content,
    begun.day >= getvariable('cut_day') AS is_after_cut,
    given.service,
    given.employment,
    scaled(given.percent, 100) AS hundredths_of_percent,
    begun.day AS from_day,
    ended.day AS to_day,
    given.person,
    given.paid_by
FROM given
LEFT JOIN days AS begun ON given.from_on = begun.text
LEFT JOIN days AS ended ON given.to_on = ended.text;

-- a position without a person has nobody in it: of the other faults, only what is known of a person counts
INSERT INTO faults
WITH vacant AS (
    SELECT record FROM given WHERE getvariable('has_person') AND coalesce(person, '') = ''
)
SELECT getvariable('source'), record, code, field, shape(found)
FROM (
    SELECT record, 'missing_time' AS code, 'from_on' AS field, '' AS found FROM given WHERE from_on IS NULL
    UNION ALL
    SELECT given.record, days.fault, 'from_on', given.from_on
    FROM given JOIN days ON given.from_on = days.text
    UNION ALL
    SELECT given.record, days.fault, 'to_on', given.to_on
    FROM given JOIN days ON given.to_on = days.text
    UNION ALL
    SELECT given.record, 'ended_before_started', 'to_on', ''
    FROM given
    JOIN days AS begun ON given.from_on = begun.text
    JOIN days AS ended ON given.to_on = ended.text
    WHERE ended.day < begun.day
    UNION ALL
    SELECT record, 'unknown_service', 'service', service
    FROM given
    WHERE service IS NULL OR service NOT IN (SELECT id FROM service_ids)
    UNION ALL
    SELECT record, 'unknown_employment', 'employment', employment
    FROM given
    WHERE employment IS NULL OR employment NOT IN ('employee', 'seconded', 'consultant')
    UNION ALL
    SELECT record, number_fault(percent, 'bad_number'), 'percent', percent FROM given
    UNION ALL
    SELECT record, 'negative', 'percent', percent FROM given WHERE written_number(percent) < 0
) AS checked
WHERE code IS NOT NULL AND record NOT IN (SELECT record FROM vacant)
UNION ALL
SELECT getvariable('source'), record, 'vacant_position', 'person', '' FROM vacant
