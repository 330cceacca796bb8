-- For the search for repetitions: an event has no key; among several files it is told by its ticket and
-- its minute.
CREATE OR REPLACE TABLE keyed AS
SELECT
    record,
    fingerprint,
    CAST(NULL AS VARCHAR) AS key,
    CAST(NULL AS UBIGINT) AS content,
    CASE WHEN getvariable('several_files') THEN number || '@' || at_minute END AS later_key
FROM sound
