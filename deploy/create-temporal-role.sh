#!/bin/sh
# Run once by the postgres image, on an empty volume: Temporal's own role cannot read hoop's database.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$TEMPORAL_DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'password';
REVOKE CONNECT ON DATABASE hoop FROM PUBLIC;
SQL
