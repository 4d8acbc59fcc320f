#!/bin/sh
# Python programs on standard input. -I: nothing of the user's environment and folder is loaded.
set -eu
hoop admin create conn "${NAME:-python}" --overwrite --agent "${AGENT:-default}" --reviewers "${REVIEWERS-admin,sre}" \
  -e PYTHONUNBUFFERED=1 --access-modes exec --run-as "${RUN_AS:-}" --max-runs 4 --max-runtime 1h --keep 90d \
  -- python3 -I -u -
