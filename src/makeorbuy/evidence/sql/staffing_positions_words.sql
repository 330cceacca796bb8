-- Positions with their dates; one that lasts has no end.
CREATE OR REPLACE TABLE moment_texts AS
SELECT DISTINCT unnest([from_on, to_on]) AS text FROM given
