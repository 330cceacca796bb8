-- The agency's own cases; one that is open at the cut has no end yet.
CREATE OR REPLACE TABLE moment_texts AS
SELECT DISTINCT unnest([opened_on, closed_on]) AS text FROM given
