-- A visit is a stretch of a ticket's life with one team: when it came, when somebody first touched it,
-- when it went on or ended. -1: not by the cut. Wall-clock minutes.
WITH known AS (
    SELECT
        ticket_events.ticket,
        at_local_minute,
        ticket_events.record,
        last_value(ticket_events.team IGNORE NULLS) OVER earlier AS team,
        person IS NOT NULL OR ticket_events.state <> 'open' AS touched
    FROM ticket_events
    WINDOW earlier AS (PARTITION BY ticket_events.ticket ORDER BY at_minute, ticket_events.record)
),

changes AS (
    SELECT
        *,
        CAST(team IS DISTINCT FROM lag(team) OVER (PARTITION BY ticket ORDER BY at_local_minute, record) AS BIGINT)
            AS is_new
    FROM known
    WHERE team IS NOT NULL
),

stretches AS (
    SELECT *, sum(is_new) OVER (PARTITION BY ticket ORDER BY at_local_minute, record) AS stretch
    FROM changes
),

visits AS (
    SELECT
        ticket,
        stretch,
        any_value(team) AS team,
        min(at_local_minute) AS entered,
        min(CASE WHEN touched THEN at_local_minute END) AS touched
    FROM stretches
    GROUP BY 1, 2
)

SELECT
    visits.ticket,
    visits.team,
    tickets.service,
    coalesce(tickets.priority, '') AS priority,
    CAST(
        CASE WHEN stretch = 1 THEN least(visits.entered, tickets.opened_local_minute) ELSE visits.entered END AS BIGINT
    ) AS entered,
    CAST(coalesce(touched, -1) AS BIGINT) AS touched,
    CAST(coalesce(
        lead(visits.entered) OVER following, CASE WHEN ending = 'open' THEN -1 ELSE end_local_minute END
    ) AS BIGINT) AS gone,
    CAST(CASE WHEN ending = 'open' THEN -1 ELSE end_local_minute END AS BIGINT) AS ended,
    CAST(tickets.opened_local_minute AS BIGINT) AS opened
FROM visits
INNER JOIN tickets USING (ticket)
WHERE tickets.service IS NOT NULL
WINDOW following AS (PARTITION BY visits.ticket ORDER BY stretch)
ORDER BY visits.ticket, stretch
