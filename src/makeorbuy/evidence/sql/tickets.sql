CREATE TABLE tickets AS
SELECT
    unplaced.ticket,
    unplaced.number,
    claimed.services[1] AS service,
    unplaced.* EXCLUDE (ticket, number, team, category, priority, handoff_count, reopen_count, handling_seconds, waited, history_end, record),
    unplaced.team,
    unplaced.category,
    unplaced.priority,
    CAST(unplaced.handoff_count AS INTEGER) AS handoff_count,
    CAST(unplaced.reopen_count AS INTEGER) AS reopen_count,
    unplaced.handling_seconds,
    unplaced.waited,
    unplaced.record
FROM unplaced
LEFT JOIN claimed ON
    unplaced.team IS NOT DISTINCT FROM claimed.team
    AND unplaced.category IS NOT DISTINCT FROM claimed.category;

CREATE VIEW ticket_events AS
SELECT ticket, at_minute, at_local_minute, state, team, person, record FROM events
