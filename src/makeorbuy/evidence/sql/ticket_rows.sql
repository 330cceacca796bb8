-- The rows of tickets or events with their types; what could not be read is NULL and told in ticket_faults.
CREATE OR REPLACE TABLE ticket_rows AS
SELECT
    given.record,
    given.fingerprint,
    CAST(given.person AS INTEGER) AS person,
    given.number,
    coalesce(types.type, getvariable('constant_type')) AS type,
    states.state,
    teams.team,
    categories.plain AS category,
    priorities.plain AS priority,
    CASE
        WHEN regexp_full_match(given.reopen_count, '[0-9]{1,6}') THEN CAST(given.reopen_count AS INTEGER)
    END AS reopen_count,
    written_seconds(given.handling_time) AS handling_seconds,
    -- nothing is resolved before it is opened: where the declared reading of the autumn hour would have
    -- it so and the other one does not, the other one is meant
    CASE
        WHEN getvariable('fold') = 'later'
            AND resolved.utc_minute < opened.utc_minute
            AND resolved.utc_minute >= opened.other_minute
            THEN opened.other_minute
        ELSE opened.utc_minute
    END AS opened_minute,
    opened.local_minute AS opened_local_minute,
    CASE
        WHEN getvariable('fold') = 'earlier'
            AND resolved.utc_minute < opened.utc_minute
            AND resolved.other_minute >= opened.utc_minute
            THEN resolved.other_minute
        ELSE resolved.utc_minute
    END AS resolved_minute,
    resolved.local_minute AS resolved_local_minute,
    -- a close that is written as a day only is not before what happened earlier that day
    CASE
        WHEN NOT closed.is_day THEN closed.utc_minute
        WHEN resolved.local_minute // 1440 = closed.local_minute // 1440 THEN resolved.utc_minute
        WHEN opened.local_minute // 1440 = closed.local_minute // 1440 THEN opened.utc_minute
        ELSE closed.utc_minute
    END AS closed_minute,
    CASE
        WHEN NOT closed.is_day THEN closed.local_minute
        WHEN resolved.local_minute // 1440 = closed.local_minute // 1440 THEN resolved.local_minute
        WHEN opened.local_minute // 1440 = closed.local_minute // 1440 THEN opened.local_minute
        ELSE closed.local_minute
    END AS closed_local_minute,
    updated.utc_minute AS at_minute,
    updated.local_minute AS at_local_minute,
    given.key,
    before.state AS state_before,
    teams_before.team AS team_before,
    CASE WHEN regexp_full_match(given.lost_count, '[0-9]{1,6}') THEN CAST(given.lost_count AS INTEGER) END
        AS lost_count
FROM given
LEFT JOIN words AS types ON given.type = types.written
LEFT JOIN words AS states ON given.state = states.written
LEFT JOIN words AS teams ON given.team = teams.written
LEFT JOIN words AS before ON given.state_before = before.written
LEFT JOIN words AS teams_before ON given.team_before = teams_before.written
LEFT JOIN words AS categories ON given.category = categories.written
LEFT JOIN words AS priorities ON given.priority = priorities.written
LEFT JOIN moments AS opened ON given.opened_at = opened.text
LEFT JOIN moments AS resolved ON given.resolved_at = resolved.text
LEFT JOIN moments AS closed ON given.closed_at = closed.text
LEFT JOIN moments AS updated ON given.updated_at = updated.text
