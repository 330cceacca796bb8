-- A total line at the end says what all rows sum to, those set aside included; by how many øre does it differ?
WITH totals AS (
    SELECT count(*) AS lines, max(record) AS record, any_value(millionths) AS millionths
    FROM read_ledger
    WHERE is_total
), rows_above AS (
    SELECT CAST(coalesce(sum(millionths), 0) AS HUGEINT) AS millionths, max(record) AS record
    FROM read_ledger
    WHERE NOT is_total
)
SELECT 'total_line_differs_ore' AS code, CAST((totals.millionths - rows_above.millionths) // 10000 AS BIGINT) AS ore
FROM totals, rows_above
WHERE totals.lines = 1 AND totals.record > rows_above.record
UNION ALL
-- amounts that only the other decimal sign fits, and those that both fit, so that nothing tells which is meant
SELECT 'other_decimal_sign', count(*)
FROM read_ledger
WHERE NOT is_number(amount) AND regexp_full_match(amount, getvariable('other_number_pattern'))
UNION ALL
SELECT 'either_decimal_sign', count(*)
FROM read_ledger
WHERE is_number(amount)
    AND regexp_matches(amount, '[.,]')
    AND regexp_full_match(amount, getvariable('other_number_pattern'))
