/** What the workflow asks of its activities; `activities/` implements it. Ids, states and names only. */
import type { ReviewFacts } from '#shared/review-policy.ts';
import type { EndState, SessionKind, SessionState } from '#shared/session-states.ts';

export interface SessionKey {
  sessionId: string;
}

/** Who of a session can be written to in private. */
export interface InSlack {
  /** Who asked. */
  creator: boolean;
  /** Somebody of the groups that are asked, or who was asked before. */
  reviewers: boolean;
}

/** A review as the rows have it. What is optional is absent from histories of releases before. */
export interface ReviewRows {
  facts: ReviewFacts;
  state: SessionState;
  /** Counts up when the connection changes. */
  envelopeVersion?: number;
  agent?: string;
  /** Slack channels to keep current; none where nobody is asked. */
  channels?: string[];
  /** A run was consumed. */
  started?: boolean;
  /** Of a grant: until when it lasts, ms since the epoch. */
  activeUntil?: number | null;
  /** When the connection's time window opens, ms since the epoch; null: it is open, or there is none. */
  opensAt?: number | null;
  inSlack?: InSlack;
}

export interface OpenedReview extends ReviewRows {
  connection: string;
  /** Absent: `exec`. */
  kind?: SessionKind;
  /** Of a command: the grant that it runs under; of a grant: the one that it extends. */
  grant?: string | null;
  agent: string;
  requester: string;
  channels: string[];
  /** Until when the run may be consumed, ms since the epoch. */
  expiresAt: number;
  /** When reviewers are reminded, ms since the epoch; null: they are not, or were. */
  remindAt?: number | null;
  /** Of hoop's own task queues. */
  queuePrefix?: string;
}

/** Why a review ended without a run. `failed`: an error named in `cause` stands in the way for good. */
export type ReviewEnd = Extract<EndState, 'rejected' | 'expired' | 'cancelled' | 'revoked' | 'failed'>;

export interface ControlActivities {
  /** `queuePrefix`: as the workflow was started with; what comes back is the one that counts. */
  openReview(key: SessionKey & { queuePrefix?: string }): Promise<OpenedReview>;
  /** `signalled`: what the workflow was signalled with; what is no decision of the session is kept in the audit log. */
  loadDecisions(key: SessionKey & { signalled?: string[] }): Promise<ReviewRows>;
  recordState(step: SessionKey & { state: 'approved' | 'queued' }): Promise<SessionState>;
  /** Not applied: a run was consumed and has no end yet, or the session waits again, as its state says. */
  finishSession(end: SessionKey & { review: ReviewEnd | null; cause: string | null }): Promise<Ended>;
  /** Notes that reviewers are reminded now; false: the session does not wait for them any more. */
  noteReminder(key: SessionKey): Promise<boolean>;
  /** Begins an approved grant, or does what an approved extension is for; gives the state it has then. */
  activateGrant(key: SessionKey): Promise<SessionState>;
  /** Closes a grant that is over; `commands` run under it and have to hear of it. */
  closeGrant(key: SessionKey): Promise<{ state: SessionState; commands: string[] }>;
  /** Not applied: something still runs under it. `late`: it is lost then. */
  endGrant(key: SessionKey & { late: boolean }): Promise<Ended>;
  /** The run's agent stayed away: ends the session as lost. */
  loseRun(key: SessionKey): Promise<Ended>;
}

export interface Ended {
  applied: boolean;
  state: SessionState;
  inSlack?: InSlack;
}

export interface ExecuteActivities {
  /** Consumes the approval of that very envelope, has the agent run the command and stores what comes of it. */
  execute(key: SessionKey & { envelopeVersion?: number }): Promise<{ reason: string }>;
}

/** What who asked is told in private; of `changed` those who had approved hear too. */
export type CreatorEvent = 'approved' | 'rejected' | 'expired' | 'revoked' | 'finished' | 'changed';
/** `asked`, `reminder`: the reviewers are told. */
export type NoticeEvent = CreatorEvent | 'asked' | 'reminder';

export interface SlackActivities {
  syncSlackMessage(target: SessionKey & { channel: string }): Promise<{ revision: number; settled: boolean }>;
  sendDirectMessages(notice: SessionKey & { event: NoticeEvent }): Promise<void>;
  /** Several of the above in one step: all the channels, and the events in their order, `asked` after everything else. */
  tellInSlack(notice: SessionKey & { channels: string[]; events: (CreatorEvent | 'asked')[] }): Promise<void>;
}
