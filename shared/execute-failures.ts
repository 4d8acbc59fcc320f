/** Types of the failures with which `execute` says that nothing ran and nothing will. */
export const executeFailures = [
  'run_not_approved',
  'run_expired',
  'connection_changed',
  'agent_refused',
  'session_ended',
  'policy_missing',
] as const;

/** An agent that holds a run and stays away longer than this: nobody can tell what became of it. */
export const lostAfterMs = 24 * 3600 * 1000;
