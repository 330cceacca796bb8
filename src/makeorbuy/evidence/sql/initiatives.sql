-- The development queue: what is wanted and not yet delivered.
CREATE OR REPLACE TABLE typed AS
SELECT
    record,
    fingerprint,
    initiative AS key,
    hash(service, estimated_nok, status) AS content,
    FALSE AS is_after_cut,
    initiative,
    service,
    scaled(estimated_nok, 100) AS estimated_ore,
    status
FROM given;

INSERT INTO faults
SELECT getvariable('source'), record, code, field, shape(found)
FROM (
    SELECT record, 'missing_number' AS code, 'initiative' AS field, '' AS found
    FROM given
    WHERE initiative IS NULL
    UNION ALL
    SELECT record, 'unknown_service', 'service', service
    FROM given
    WHERE service IS NULL OR service NOT IN (SELECT id FROM service_ids)
    UNION ALL
    SELECT record, number_fault(estimated_nok, 'bad_amount'), 'estimated_nok', estimated_nok FROM given
    UNION ALL
    SELECT record, 'negative', 'estimated_nok', estimated_nok FROM given WHERE written_number(estimated_nok) < 0
) AS checked
WHERE code IS NOT NULL
