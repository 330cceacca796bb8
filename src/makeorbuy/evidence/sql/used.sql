-- What remains and happened before the cut.
CREATE TABLE used AS
SELECT * EXCLUDE (record, fingerprint, key, content, is_after_cut), record FROM sound WHERE NOT is_after_cut;

CREATE OR REPLACE TABLE fate AS
SELECT count(*) FILTER (WHERE NOT is_after_cut) AS used, count(*) FILTER (WHERE is_after_cut) AS after_cut
FROM sound
