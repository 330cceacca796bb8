-- What remains and happened before the cut.
CREATE OR REPLACE TABLE kept AS
SELECT * FROM sound
ANTI JOIN (SELECT record FROM faults WHERE source = getvariable('source')) AS set_aside USING (record);

CREATE TABLE used AS
SELECT * EXCLUDE (record, fingerprint, key, content, is_after_cut), record FROM kept WHERE NOT is_after_cut
;

CREATE OR REPLACE TABLE fate AS
SELECT count(*) FILTER (WHERE NOT is_after_cut) AS used, count(*) FILTER (WHERE is_after_cut) AS after_cut
FROM kept
