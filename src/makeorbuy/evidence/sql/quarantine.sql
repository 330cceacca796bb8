-- Every row set aside or merged, with all its reasons, under the names that the files use.
CREATE TABLE quarantine AS
SELECT
    faults.source,
    files.file,
    faults.record - files.first_record AS record,
    faults.code,
    coalesce(file_columns.column_name, faults.field) AS column_name,
    faults.found
FROM faults
ASOF JOIN files ON faults.source = files.source AND faults.record > files.first_record
LEFT JOIN file_columns ON faults.source = file_columns.source AND faults.field = file_columns.field
