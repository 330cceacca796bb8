-- Rows merged (nothing but a repetition or an older state) and set aside, of one source.
WITH by_record AS (
    SELECT record, bool_and(code IN ('duplicate_row', 'superseded_row')) AS is_merged
    FROM faults
    WHERE source = getvariable('source')
    GROUP BY record
)
SELECT count(*) FILTER (WHERE is_merged) AS merged, count(*) FILTER (WHERE NOT is_merged) AS set_aside
FROM by_record
