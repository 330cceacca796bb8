-- The events of tickets that are used, as far as they happened before the cut.
CREATE OR REPLACE TABLE event_rows AS
SELECT
    numbers.ticket,
    numbers.status = 'used' AND sound.at_minute < getvariable('cut_minute') AS is_used,
    sound.at_minute,
    sound.at_local_minute,
    sound.state,
    sound.team,
    sound.person,
    sound.state_before,
    sound.team_before,
    sound.lost_count,
    sound.handling_seconds,
    sound.record,
    sound.at_minute * 4294967296 + sound.record AS moment_key
FROM sound
JOIN numbers ON sound.number = numbers.number;

-- Where a history tells what was before a change and not what was at the opening: the first change tells
-- that, unless earlier ones are lost. A team that never changed is the one on the ticket's row.
CREATE OR REPLACE TABLE before_changes AS
WITH first AS (
    SELECT
        ticket,
        min(at_minute) AS at_minute,
        arg_min(at_local_minute, moment_key) AS at_local_minute,
        arg_min(state_before, moment_key) FILTER (WHERE state IS NOT NULL OR state_before IS NOT NULL) AS state,
        arg_min(team_before, moment_key) FILTER (WHERE team IS NOT NULL OR team_before IS NOT NULL) AS team,
        count(team) + count(team_before) > 0 AS has_teams,
        coalesce(max(lost_count), 0) AS lost_count,
        count(*) FILTER (WHERE is_used) AS used
    FROM event_rows
    GROUP BY ticket
)
SELECT
    first.ticket,
    least(first.at_minute, base.opened_minute) AS at_minute,
    CASE
        WHEN first.at_minute < base.opened_minute THEN first.at_local_minute
        ELSE base.opened_local_minute
    END AS at_local_minute,
    first.state,
    CASE
        WHEN first.has_teams THEN first.team
        WHEN (SELECT count(team_before) FROM event_rows) > 0 THEN base.team
    END AS team
FROM first
JOIN base ON first.ticket = base.ticket
WHERE getvariable('has_before') AND first.lost_count = 0 AND first.used > 0;

CREATE OR REPLACE VIEW events AS
SELECT ticket, at_minute, at_local_minute, state, team, person, lost_count, handling_seconds, record, moment_key
FROM event_rows
WHERE is_used
UNION ALL
SELECT ticket, at_minute, at_local_minute, state, team, NULL, NULL, NULL, 0, at_minute * 4294967296
FROM before_changes
WHERE state IS NOT NULL OR team IS NOT NULL;

CREATE OR REPLACE VIEW events_after AS SELECT ticket, state FROM event_rows WHERE NOT is_used;

CREATE OR REPLACE TABLE fate AS
SELECT count(*) FILTER (WHERE is_used) AS used, count(*) FILTER (WHERE NOT is_used) AS after_cut FROM event_rows
