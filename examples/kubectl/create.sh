#!/bin/sh
# kubectl in one namespace, with the credentials that the agent's machine or pod has (KUBECONFIG, or its service account).
set -eu
hoop admin create conn "${NAME:-kubectl}" --overwrite --agent "${AGENT:-default}" --reviewers "${REVIEWERS-admin,sre}" \
  ${KUBECONFIG:+-e KUBECONFIG="$KUBECONFIG"} --access-modes exec --max-runs 10 --max-runtime 30m --keep 90d \
  -- kubectl --namespace "${NAMESPACE:-default}"
