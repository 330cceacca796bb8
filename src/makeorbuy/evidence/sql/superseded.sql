-- Several files of one source, oldest first: of the rows with one key (table keyed) those of the latest
-- file that has it count; the same row in an earlier file is merged, another one is an older state.
CREATE OR REPLACE TABLE older AS
WITH placed AS (
    SELECT keyed.*, hash(keyed.later_key, keyed.content) AS said, files.first_record AS file
    FROM keyed
    ASOF JOIN (SELECT first_record FROM files WHERE source = getvariable('source')) AS files
        ON keyed.record > files.first_record
    WHERE keyed.later_key IS NOT NULL
), latest AS (
    SELECT later_key, max(file) AS file
    FROM placed
    GROUP BY later_key
    HAVING min(file) < max(file)
), kept AS (
    SELECT DISTINCT placed.later_key, placed.fingerprint, CASE WHEN placed.content IS NOT NULL THEN placed.said END AS said
    FROM placed
    JOIN latest ON placed.later_key = latest.later_key AND placed.file = latest.file
)
SELECT
    placed.record,
    (placed.later_key, placed.fingerprint) IN (SELECT (later_key, fingerprint) FROM kept)
    OR placed.said IN (SELECT said FROM kept WHERE said IS NOT NULL) AS is_same
FROM placed
JOIN latest ON placed.later_key = latest.later_key AND placed.file < latest.file;

INSERT INTO faults
SELECT
    getvariable('source'),
    record,
    CASE WHEN is_same THEN 'duplicate_row' ELSE 'superseded_row' END,
    NULL,
    ''
FROM older;

DELETE FROM keyed WHERE record IN (SELECT record FROM older)
