#!/bin/sh
# A shell, as a user of the agent's machine that can do no harm to the agent (RUN_AS; the agent runs as root then).
set -eu
hoop admin create conn "${NAME:-bash}" --overwrite --agent "${AGENT:-default}" --reviewers "${REVIEWERS-admin,sre}" \
  --run-as "${RUN_AS:-}" --max-runs 10 --idle 15m --keep 90d -- bash
