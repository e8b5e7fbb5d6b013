-- What users took, by the hour; "begins" is when it begins, in seconds since 1970.
CREATE TABLE hairpin_usage (
  begins BIGINT NOT NULL,
  tenant VARCHAR(255) NOT NULL,
  user_id VARCHAR(255) NOT NULL,
  allocations BIGINT NOT NULL DEFAULT 0,
  seconds BIGINT NOT NULL DEFAULT 0,
  bytes_to_peers BIGINT NOT NULL DEFAULT 0,
  bytes_to_clients BIGINT NOT NULL DEFAULT 0,
  packets_to_peers BIGINT NOT NULL DEFAULT 0,
  packets_to_clients BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (begins, tenant, user_id)
);

CREATE INDEX hairpin_usage_by_user ON hairpin_usage (user_id, tenant, begins);

-- How far each process has come, so that no batch counts twice.
CREATE TABLE hairpin_usage_node (
  node VARCHAR(36) PRIMARY KEY,
  sequence BIGINT NOT NULL,
  seen BIGINT NOT NULL
);
