-- No event log: the same columns, no rows.
CREATE OR REPLACE VIEW events AS
SELECT
    base.ticket,
    base.at_minute,
    base.at_local_minute,
    base.state,
    base.team,
    base.person,
    CAST(NULL AS INTEGER) AS lost_count,
    CAST(NULL AS BIGINT) AS handling_seconds,
    base.record,
    base.record AS moment_key
FROM base
WHERE FALSE;

CREATE OR REPLACE VIEW events_after AS SELECT ticket, state FROM base WHERE FALSE
