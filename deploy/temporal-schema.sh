#!/bin/sh
# Temporal's two databases: made when absent, then brought to the schema of this release. Safe to run again.
set -eu

prepare() {
  database=$1
  schema=$2
  tool() { temporal-sql-tool --plugin postgres12 --ep postgres --port 5432 --user temporal --db "$database" "$@"; }
  tool create
  # Fails where the schema's version table is there already: then the update alone is due.
  tool setup-schema --version 0.0 || true
  tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$schema/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
