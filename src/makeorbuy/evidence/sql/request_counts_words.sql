-- Simple requests that are counted and not logged one by one.
CREATE OR REPLACE TABLE moment_texts AS SELECT DISTINCT date AS text FROM given
