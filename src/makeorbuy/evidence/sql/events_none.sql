-- No event log: the same columns, no rows.
CREATE OR REPLACE TABLE events AS
SELECT base.*, base.at_minute * 4294967296 + base.record AS moment_key FROM base WHERE FALSE
