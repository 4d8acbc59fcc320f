/** Types of the failures with which `execute` says that nothing ran and nothing will. */
export const executeFailures = [
  'run_not_approved',
  'review_open',
  'run_expired',
  'connection_changed',
  'window_closed',
  'agent_refused',
  'session_ended',
  'policy_missing',
] as const;

/** An agent that holds a run and stays away longer than this: nobody can tell what became of it. */
export const lostAfterMs = 24 * 3600 * 1000;

/** Those after which the session may wait again: for other approvals, or for its window. The rows say whether it does. */
export const waitsAgainAfter: readonly string[] = [
  'run_not_approved',
  'review_open',
  'connection_changed',
  'window_closed',
];

/** The cause with which a workflow says that an operator cancelled it. */
export const workflowCancelled = 'workflow_cancelled';
