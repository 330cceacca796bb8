-- A file of events beside the tickets: each event belongs to a ticket that is used.
INSERT INTO faults
SELECT
    getvariable('source'),
    ticket_rows.record,
    CASE WHEN numbers.number IS NULL THEN 'unknown_ticket' ELSE 'ticket_in_quarantine' END,
    'number',
    shape(ticket_rows.number)
FROM ticket_rows
LEFT JOIN numbers ON ticket_rows.number = numbers.number
WHERE ticket_rows.number IS NOT NULL AND (numbers.number IS NULL OR numbers.status = 'set_aside')
