-- Among the rows that are otherwise sound (table keyed): a row that repeats an earlier record is merged,
-- a row that gives the key of an earlier record other content is set aside and the earlier one kept.
INSERT INTO faults
WITH repeated AS (
    SELECT fingerprint, min(record) AS first_record
    FROM keyed
    GROUP BY fingerprint
    HAVING count(*) > 1
), repeated_keys AS (
    SELECT key, min(record) AS first_record
    FROM keyed
    WHERE key IS NOT NULL
    GROUP BY key
    HAVING count(*) > 1
), same_key AS (
    SELECT
        keyed.record,
        keyed.record > repeated_keys.first_record AS is_later,
        min(keyed.record) OVER (PARTITION BY keyed.key, keyed.content) < keyed.record AS is_copy
    FROM keyed
    JOIN repeated_keys ON keyed.key = repeated_keys.key
), copies AS (
    SELECT keyed.record
    FROM keyed
    JOIN repeated ON keyed.fingerprint = repeated.fingerprint AND keyed.record > repeated.first_record
    UNION
    SELECT record FROM same_key WHERE is_copy
)
SELECT getvariable('source'), record, 'duplicate_row', NULL, '' FROM copies
UNION ALL
SELECT getvariable('source'), record, 'conflicting_duplicate', getvariable('key_field'), ''
FROM same_key
WHERE is_later AND record NOT IN (SELECT record FROM copies)
