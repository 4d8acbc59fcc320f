#!/bin/sh
# mysql against one database. MYSQL_PWD_FILE holds the password, on the machine where this is run.
set -eu
hoop admin create conn "${NAME:-mysql}" --overwrite --agent "${AGENT:-default}" --reviewers "${REVIEWERS-admin,sre}" \
  -e MYSQL_PWD="file://$MYSQL_PWD_FILE" --access-modes exec --max-runs 4 --max-runtime 10m --max-output 100MB --keep 90d \
  -- mysql --no-defaults --host "${MYSQL_HOST:-127.0.0.1}" --port "${MYSQL_PORT:-3306}" --user "${MYSQL_USER:-root}" \
  --batch "${MYSQL_DATABASE:-mysql}"
