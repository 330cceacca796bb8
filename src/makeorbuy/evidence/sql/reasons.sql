-- How often each reason occurred, with the first records to look up.
SELECT
    source,
    file,
    code,
    column_name,
    count(DISTINCT record) AS rows,
    list_sort(list(DISTINCT record))[1:5] AS example_records
FROM quarantine
GROUP BY source, file, code, column_name
ORDER BY source, file, code, column_name NULLS FIRST
