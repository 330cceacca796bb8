-- Outages; one that lasts at the cut has no end yet.
CREATE OR REPLACE TABLE moment_texts AS
SELECT DISTINCT unnest([started_at, ended_at]) AS text FROM given
