-- Rows without a fault, and what is needed to find repetitions among them.
CREATE OR REPLACE VIEW sound AS
SELECT * FROM typed
ANTI JOIN (SELECT record FROM faults WHERE source = getvariable('source')) AS faulty USING (record);

CREATE OR REPLACE TABLE keyed AS SELECT record, fingerprint, key, content, key AS later_key FROM sound
