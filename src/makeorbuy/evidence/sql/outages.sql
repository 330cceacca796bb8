CREATE OR REPLACE TABLE typed AS
SELECT
    given.record,
    given.fingerprint,
    CAST(NULL AS VARCHAR) AS key,
    0 AS content,
    started.utc_minute >= getvariable('cut_minute') AS is_after_cut,
    given.service,
    started.utc_minute AS started_minute,
    CASE WHEN ended.utc_minute < getvariable('cut_minute') THEN ended.utc_minute END AS ended_minute,
    CASE
        WHEN given.kind = 'planned' OR lower(given.is_planned) IN ('yes', 'ja', 'true', '1') THEN TRUE
        WHEN coalesce(given.kind, given.is_planned) IS NOT NULL THEN FALSE
    END AS is_planned,
    CASE
        WHEN lower(given.is_planned) IN ('yes', 'ja', 'true', '1') THEN 'planned'
        ELSE coalesce(given.kind, 'outage')
    END AS kind
FROM given
LEFT JOIN moments AS started ON given.started_at = started.text
LEFT JOIN moments AS ended ON given.ended_at = ended.text;

INSERT INTO faults
SELECT getvariable('source'), record, code, field, shape(found)
FROM (
    SELECT given.record, moments.fault AS code, 'started_at' AS field, given.started_at AS found
    FROM given JOIN moments ON given.started_at = moments.text
    UNION ALL
    SELECT given.record, moments.fault, 'ended_at', given.ended_at
    FROM given JOIN moments ON given.ended_at = moments.text
    UNION ALL
    SELECT record, 'missing_time', 'started_at', '' FROM given WHERE started_at IS NULL
    UNION ALL
    SELECT given.record, 'ended_before_started', 'ended_at', ''
    FROM given
    JOIN moments AS started ON given.started_at = started.text
    JOIN moments AS ended ON given.ended_at = ended.text
    WHERE ended.utc_minute < started.utc_minute
    UNION ALL
    SELECT record, 'unknown_service', 'service', service
    FROM given
    WHERE service IS NULL OR service NOT IN (SELECT id FROM service_ids)
    UNION ALL
    SELECT record, 'unknown_kind', 'kind', kind
    FROM given
    WHERE kind NOT IN ('outage', 'degradation', 'planned')
    UNION ALL
    SELECT record, 'bad_yes_or_no', 'is_planned', is_planned
    FROM given
    WHERE lower(is_planned) NOT IN ('yes', 'ja', 'true', '1', 'no', 'nei', 'false', '0')
) AS checked
WHERE code IS NOT NULL
