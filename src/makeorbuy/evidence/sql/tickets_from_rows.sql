-- Row per ticket: the row tells when it ended, the events (if there are any) what was known at the cut.
-- Without a column for the end, it is the first event of the last time that it was resolved; a ticket that
-- was closed without any was open when it was last seen open, and nothing more is known.
CREATE OR REPLACE TABLE unplaced AS
WITH seen_open AS (
    SELECT
        ticket,
        max(moment_key) AS last_key,
        arg_max(at_minute, moment_key) AS last_minute,
        arg_max(at_local_minute, moment_key) AS last_local_minute
    FROM events
    WHERE state IN ('open', 'waiting')
    GROUP BY ticket
), resolutions AS (
    SELECT
        events.ticket,
        arg_min(events.at_minute, events.moment_key) AS at_minute,
        arg_min(events.at_local_minute, events.moment_key) AS at_local_minute
    FROM events
    LEFT JOIN seen_open ON events.ticket = seen_open.ticket
    WHERE events.state = 'resolved' AND events.moment_key > coalesce(seen_open.last_key, -1)
    GROUP BY events.ticket
), later AS (
    SELECT DISTINCT ticket
    FROM events_after
    WHERE state IN ('resolved', 'closed')
), told AS (
    SELECT
        base.* REPLACE (
            CASE WHEN base.has_resolved THEN base.resolved_minute ELSE resolutions.at_minute END AS resolved_minute,
            CASE
                WHEN base.has_resolved THEN base.resolved_local_minute
                ELSE resolutions.at_local_minute
            END AS resolved_local_minute
        ),
        resolutions.at_minute AS history_end_minute,
        seen_open.last_minute AS history_open_minute,
        coalesce(seen_open.last_minute, base.opened_minute) AS last_open_minute,
        coalesce(seen_open.last_local_minute, base.opened_local_minute) AS last_open_local_minute,
        coalesce(histories.state, CASE WHEN later.ticket IS NOT NULL THEN 'open' END, base.state) AS last_state
    FROM base
    LEFT JOIN resolutions ON base.ticket = resolutions.ticket
    LEFT JOIN seen_open ON base.ticket = seen_open.ticket
    LEFT JOIN histories ON base.ticket = histories.ticket
    LEFT JOIN later ON base.ticket = later.ticket
), ended AS (
    SELECT
        base.*,
        CASE
            WHEN base.state = 'cancelled' AND coalesce(base.closed_minute, base.resolved_minute) < getvariable('cut_minute')
                THEN 'cancelled'
            WHEN base.state IN ('resolved', 'closed') AND base.resolved_minute < getvariable('cut_minute')
                THEN 'resolved'
            WHEN NOT base.has_resolved
                AND base.resolved_minute IS NULL
                AND base.state IN ('resolved', 'closed')
                AND base.last_state IN ('resolved', 'closed')
                AND coalesce(base.closed_minute, 0) < getvariable('cut_minute')
                THEN 'unknown'
            ELSE 'open'
        END AS ending
    FROM told AS base
)
SELECT
    ended.ticket,
    ended.number,
    ended.type,
    ended.opened_minute,
    ended.opened_local_minute,
    ended.ending,
    CASE ended.ending
        WHEN 'resolved' THEN ended.resolved_minute
        WHEN 'cancelled' THEN coalesce(ended.closed_minute, ended.resolved_minute)
        WHEN 'unknown' THEN greatest(ended.last_open_minute, ended.opened_minute)
        ELSE getvariable('cut_minute')
    END AS end_minute,
    CASE ended.ending
        WHEN 'resolved' THEN ended.resolved_local_minute
        WHEN 'cancelled' THEN coalesce(ended.closed_local_minute, ended.resolved_local_minute)
        WHEN 'unknown' THEN greatest(ended.last_open_local_minute, ended.opened_local_minute)
        ELSE getvariable('cut_local_minute')
    END AS end_local_minute,
    CASE WHEN ended.closed_minute < getvariable('cut_minute') THEN ended.closed_minute END AS closed_minute,
    coalesce(
        histories.state,
        CASE
            WHEN ended.ending = 'cancelled' THEN 'cancelled'
            WHEN ended.ending = 'resolved' AND ended.state = 'closed' AND coalesce(ended.closed_minute, 0) < getvariable('cut_minute')
                THEN 'closed'
            WHEN ended.ending = 'resolved' THEN 'resolved'
            WHEN ended.ending = 'unknown' THEN ended.state
            WHEN ended.state = 'waiting' THEN 'waiting'
            ELSE 'open'
        END
    ) AS state,
    coalesce(histories.team, ended.team) AS team,
    ended.category,
    ended.priority,
    histories.handoff_count,
    coalesce(ended.reopen_count, CASE WHEN histories.has_states THEN histories.reopenings END) AS reopen_count,
    -- of an open ticket, more may come
    CASE
        WHEN ended.ending <> 'open' THEN coalesce(ended.handling_seconds, histories.handling_seconds)
    END AS handling_seconds,
    histories.waited,
    -- an hour apart is more than a state that is set a little later; a history that was open later, or that
    -- has no end of its own, tells nothing else
    CASE
        WHEN ended.has_resolved AND ended.ending = 'resolved' THEN
            CASE
                WHEN ended.history_open_minute > ended.resolved_minute + 60 THEN 'open_after'
                WHEN abs(ended.history_end_minute - ended.resolved_minute) > 60 THEN 'other'
                WHEN ended.history_end_minute IS NOT NULL THEN 'same'
            END
    END AS history_end,
    ended.record
FROM ended
LEFT JOIN histories ON ended.ticket = histories.ticket
