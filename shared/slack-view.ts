/**
 * What a Slack message about a session shows: plain facts, loaded by an activity and turned into blocks by the pure
 * builders of `slack/blocks`.
 */
import type { RenewalFact } from './renewal-text.ts';
import type { GroupStanding, Lapse } from './review-policy.ts';
import type { SessionState } from './session-states.ts';

export interface SlackPerson {
  /** Slack member id, when the person is bound to one. */
  slackId: string | null;
  name: string;
  email: string;
}

export interface SlackDecision {
  id: string;
  by: SlackPerson;
  verdict: 'approve' | 'reject' | 'cancel' | 'revoke';
  group: string | null;
  force: boolean;
  reason: string;
  at: Date;
  /** Of a grant: seconds, where the reviewer allowed less than was asked for. */
  shortenedTo?: number | null;
  /** Of a grant: its requester ended it while it was active. */
  gaveBack?: boolean;
  /** The asked groups that an approval counts for now. */
  countsFor: string[];
  /** Of an envelope that the session does not have any more. */
  outdated?: boolean;
}

export interface SlackLapse extends Omit<Lapse, 'userId'> {
  by: SlackPerson;
}

/** What a request of connect asks for, and has. */
export interface SlackGrant {
  askedSeconds: number;
  /** As the approvals are now: what was asked for, or the least that one of them allows. */
  grantedSeconds: number;
  /** Once it is active. */
  activeUntil: Date | null;
  /** The grant that this request makes last longer; null: it is one of its own. `until`: as it is now. */
  extends: { url: string; until: Date | null; isOver: boolean } | null;
}

export interface SlackSessionView {
  id: string;
  state: SessionState;
  /** Counts up with every change that people are shown. */
  revision: number;
  /** Page in the console. */
  url: string;
  connection: string;
  agent: { name: string; online: boolean };
  requester: SlackPerson;
  reason: string;
  /** The digest that Approve and Reject name (by the row's id in the button, never in full). */
  digest: string;
  envelopeVersion: number;
  /** Of connect: what is asked for; null: a command. */
  grant: SlackGrant | null;
  /** Of connect: seconds asked for, as `grant` has it. */
  durationSeconds: number | null;
  command: string[];
  /** User that it runs as; null: the agent's own. */
  runAs: string | null;
  args: string[];
  /** Standard input of the command, decoded where it is UTF-8, else null. */
  script: string | null;
  scriptBytes: number;
  /** Names of `-e`; their values are never shown in Slack. */
  envNames: string[];
  createdAt: Date;
  expiresAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  exitCode: number | null;
  exitSignal: string | null;
  message: string | null;
  groups: GroupStanding[];
  approvals: number;
  approvalsNeeded: number;
  /** Each group must be represented by a different person. */
  distinctReviewers: boolean;
  /** Groups whose members may approve alone, with a reason. */
  forceApproveGroups: string[];
  forced: boolean;
  decisions: SlackDecision[];
  /** Why the envelope is not the first; null: it is. */
  renewal: RenewalFact | null;
  /** Approvals of the present envelope that do not count now. */
  lapsed: SlackLapse[];
  /** When the command may begin, as an admin set it; null: at any time. */
  window: string | null;
  /** Of an approved session whose window is closed: "runs at 22:00 UTC". */
  runsAt: string | null;
  remindedAt: Date | null;
}

/** What people wrote that runs, or says why: all of it has to be shown before an approval can count. */
export type EnvelopeText = Pick<
  SlackSessionView,
  'durationSeconds' | 'command' | 'runAs' | 'args' | 'script' | 'scriptBytes' | 'envNames' | 'reason'
>;
