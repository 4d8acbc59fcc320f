/** What the workflow asks of its activities; `activities/` implements it. Ids, states and names only. */
import type { ReviewFacts } from '#shared/review-policy.ts';
import type { EndState, SessionState } from '#shared/session-states.ts';

export interface SessionKey {
  sessionId: string;
}

export interface OpenedReview {
  facts: ReviewFacts;
  state: SessionState;
  connection: string;
  agent: string;
  requester: string;
  /** Slack channels to keep current; none where nobody is asked. */
  channels: string[];
  /** Until when the run may be consumed, ms since the epoch. */
  expiresAt: number;
}

/** Why a review ended without a run. `failed`: an error named in `cause` stands in the way for good. */
export type ReviewEnd = Extract<EndState, 'rejected' | 'expired' | 'cancelled' | 'revoked' | 'failed'>;

export interface ControlActivities {
  openReview(key: SessionKey): Promise<OpenedReview>;
  loadDecisions(key: SessionKey): Promise<{ facts: ReviewFacts; state: SessionState }>;
  recordState(step: SessionKey & { state: 'approved' | 'queued' }): Promise<SessionState>;
  /** Not applied: a run was consumed and has no end yet. */
  finishSession(
    end: SessionKey & { review: ReviewEnd | null; cause: string | null },
  ): Promise<{ applied: boolean; state: SessionState }>;
  /** The run's agent stayed away: ends the session as lost. */
  loseRun(key: SessionKey): Promise<{ applied: boolean; state: SessionState }>;
}

export interface ExecuteActivities {
  /** Consumes the approval, has the agent run the command and stores what comes of it. */
  execute(key: SessionKey): Promise<{ reason: string }>;
}

/** What who asked is told in private. */
export type CreatorEvent = 'approved' | 'rejected' | 'expired' | 'revoked' | 'finished';
/** `asked`: the reviewers are told. */
export type NoticeEvent = CreatorEvent | 'asked';

export interface SlackActivities {
  syncSlackMessage(target: SessionKey & { channel: string }): Promise<{ revision: number; settled: boolean }>;
  sendDirectMessages(notice: SessionKey & { event: NoticeEvent }): Promise<void>;
}
