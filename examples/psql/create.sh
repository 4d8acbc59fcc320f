#!/bin/sh
# psql against one database. PGPASSWORD_FILE holds the password, on the machine where this is run.
set -eu
hoop admin create conn "${NAME:-db}" --overwrite --agent "${AGENT:-default}" --reviewers "${REVIEWERS-admin,sre}" \
  -e PGHOST="${PGHOST:-127.0.0.1}" -e PGPORT="${PGPORT:-5432}" -e PGUSER="${PGUSER:-postgres}" \
  -e PGDATABASE="${PGDATABASE:-postgres}" -e PGPASSWORD="file://$PGPASSWORD_FILE" -e PGCONNECT_TIMEOUT=10 \
  --access-modes exec --max-runs 4 --max-runtime 10m --max-output 100MB --keep 90d \
  -- "${PSQL:-psql}" --no-psqlrc --set ON_ERROR_STOP=1 --file -
