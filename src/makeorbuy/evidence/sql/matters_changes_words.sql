-- Changes of the agency's own cases.
CREATE OR REPLACE TABLE moment_texts AS
SELECT DISTINCT unnest([opened_on, closed_on, state_on]) AS text FROM given
