/** What to do about what the health page finds. `docs/operations.md` has the same sentences; a test keeps both in step. */
export const healthAdvice = {
  silent: 'See whether the process runs and whether the network lets hoop reach it, then measure again.',
  gateway_gone:
    'A gateway went without stopping: look at its log, and start it again. Agents and people that were connected to it dial in at another by themselves. It is listed here for an hour.',
  worker_none:
    'Start a worker (hoop start worker; with npm start it comes back by itself). Until one polls, requests are taken down and nothing else happens to them; commands that run go on, and nothing is lost.',
  worker_gone:
    'A worker went without stopping: look at its log (was it killed, or out of memory?), and start it again. What it was at goes to the others. It is listed here for an hour.',
  worker_idle:
    'A worker is there and does not ask Temporal for work: see whether it reaches Temporal (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, certificates), and start it again.',
  temporal_away:
    'Start Temporal, or see why it is not reached from here (TEMPORAL_ADDRESS, certificates, network). Meanwhile requests and decisions are taken down, and follow once it is back; commands that run go on.',
  postgres_connections:
    'Nearly all connections that Postgres allows are taken: raise max_connections, or run fewer gateways and workers; each takes up to 21.',
  postgres_slow:
    'Postgres answers slowly: look at its load and its disk. Clicks in Slack have to be committed within two seconds.',
  postgres_full:
    'Postgres had no room on its disk and took no more output: make room, then ask for the commands again. The message of each session says from which byte on its recording lacks output.',
  agents_none: 'Create an agent, and start it with its token beside what it should reach.',
  agents_offline:
    'Start the agents that are away (hoop start agent on their machines), or delete those that are not needed any more. Commands for them wait in the state queued.',
  slack_error: 'The page Slack says what Slack refuses, and takes new tokens.',
  messages_waiting:
    'Sessions have ended, and Slack does not show it yet: see how Slack fares. Messages are sent by themselves once it takes them; it holds up nothing.',
  channel_refuses: 'A channel refuses messages: the page Slack says which, why, and what to do.',
  sweep_late:
    'No worker has swept lately: start one. The sweep carries on what a crash left between two steps, expires requests, and removes old recordings.',
  sweep_failed:
    'The last round of a sweep failed: the log of the worker says more. It is tried again every ten seconds.',
  sessions_stuck: 'Approved commands wait for an agent that is away: start it, or revoke them.',
  audit_broken:
    'Somebody changed the audit log in the database. Keep a copy of the database as it is, compare it with a backup, and find out who may write to Postgres.',
  versions_differ:
    'Parts of different releases run side by side. That works while you upgrade; bring all to the newest release, agents last.',
} as const;
export type HealthAdvice = keyof typeof healthAdvice;
