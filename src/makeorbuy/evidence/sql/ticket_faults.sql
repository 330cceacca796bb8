-- Every fault of every row of tickets or events, whether or not the row has others.
INSERT INTO faults
WITH bad_moments AS (
    SELECT text, fault FROM moments WHERE fault IS NOT NULL
), unknown_words AS (
    SELECT written FROM words WHERE state IS NULL
), unknown_types AS (
    SELECT written FROM words WHERE type IS NULL
), found AS (
    SELECT record, 'missing_number' AS code, 'number' AS field, '' AS found
    FROM given
    WHERE number IS NULL
    UNION ALL
    SELECT record, 'missing_opened', 'opened_at', ''
    FROM given
    WHERE getvariable('has_opened') AND opened_at IS NULL
    UNION ALL
    SELECT record, 'missing_time', 'updated_at', ''
    FROM given
    WHERE getvariable('has_updated') AND updated_at IS NULL
    UNION ALL
    SELECT record, fault, 'opened_at', shape(opened_at)
    FROM given JOIN bad_moments ON opened_at = text
    UNION ALL
    SELECT record, fault, 'resolved_at', shape(resolved_at)
    FROM given JOIN bad_moments ON resolved_at = text
    UNION ALL
    SELECT record, fault, 'closed_at', shape(closed_at)
    FROM given JOIN bad_moments ON closed_at = text
    UNION ALL
    SELECT record, fault, 'updated_at', shape(updated_at)
    FROM given JOIN bad_moments ON updated_at = text
    UNION ALL
    SELECT record, 'unknown_state', 'state', shape(state)
    FROM given
    WHERE state IN (FROM unknown_words) OR (getvariable('needs_state') AND state IS NULL)
    UNION ALL
    SELECT record, 'unknown_state', 'state_before', shape(state_before)
    FROM given
    WHERE state_before IN (FROM unknown_words)
    UNION ALL
    SELECT record, 'unknown_type', 'type', shape(type)
    FROM given
    WHERE type IN (FROM unknown_types) OR (getvariable('needs_type') AND type IS NULL)
    UNION ALL
    SELECT record, 'bad_number', 'reopen_count', shape(reopen_count)
    FROM given
    WHERE reopen_count IS NOT NULL AND NOT regexp_full_match(reopen_count, '[0-9]{1,6}')
    UNION ALL
    SELECT record, 'bad_number', 'lost_count', shape(lost_count)
    FROM given
    WHERE lost_count IS NOT NULL AND NOT regexp_full_match(lost_count, '[0-9]{1,6}')
    UNION ALL
    SELECT record, 'bad_duration', 'handling_time', shape(handling_time)
    FROM given
    WHERE handling_time IS NOT NULL AND written_seconds(handling_time) IS NULL
    UNION ALL
    SELECT record, 'resolved_before_opened', 'resolved_at', ''
    FROM ticket_rows
    WHERE resolved_minute < opened_minute
    UNION ALL
    SELECT record, 'closed_before_opened', 'closed_at', ''
    FROM ticket_rows
    WHERE closed_minute < opened_minute
    UNION ALL
    SELECT record, 'opened_in_future', 'opened_at', ''
    FROM ticket_rows
    WHERE opened_minute > getvariable('exported_minute')
    UNION ALL
    SELECT record, 'resolved_in_future', 'resolved_at', ''
    FROM ticket_rows
    WHERE resolved_minute > getvariable('exported_minute')
    UNION ALL
    SELECT record, 'event_in_future', 'updated_at', ''
    FROM ticket_rows
    WHERE at_minute > getvariable('exported_minute')
    UNION ALL
    SELECT given.record, 'closed_without_resolved', 'resolved_at', ''
    FROM given JOIN ticket_rows ON given.record = ticket_rows.record
    WHERE getvariable('row_per_ticket')
        AND getvariable('has_resolved')
        AND ticket_rows.state IN ('resolved', 'closed')
        AND given.resolved_at IS NULL
    UNION ALL
    SELECT given.record, 'cancelled_without_time', 'closed_at', ''
    FROM given JOIN ticket_rows ON given.record = ticket_rows.record
    WHERE getvariable('row_per_ticket')
        AND ticket_rows.state = 'cancelled'
        AND given.resolved_at IS NULL
        AND given.closed_at IS NULL
)
SELECT getvariable('source'), record, code, field, found FROM found;

CREATE OR REPLACE VIEW sound AS
SELECT * FROM ticket_rows
ANTI JOIN (SELECT record FROM faults WHERE source = getvariable('source')) AS faulty USING (record)
