-- A plan reaches beyond the cut: only the day on which it was known must lie before it.
CREATE OR REPLACE TABLE moment_texts AS
SELECT DISTINCT unnest([known_on, from_on, to_on]) AS text FROM given
