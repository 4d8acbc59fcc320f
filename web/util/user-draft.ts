/** What stands in the form of a user, and what of it is sent. */
import { userInput, type UserView } from '#shared/api-schemas.ts';
import { ApiError } from '../data/ask.ts';
import type { UserChange } from '../data/users.ts';

export interface PasswordDraft {
  /** none: it stays as it is; of a new user there is none. */
  kind: 'none' | 'generated' | 'typed';
  text: string;
}

export interface UserDraft {
  email: string;
  name: string;
  groups: string[];
  slackId: string;
  password: PasswordDraft;
}

export type DraftProblems = Partial<Record<keyof UserDraft, string>>;

export function draftOf(user: UserView | null): UserDraft {
  const { email = '', name = '', groups = [], slackId = null } = user ?? {};
  return { email, name, groups, slackId: slackId ?? '', password: { kind: 'none', text: '' } };
}

/**
 * Of somebody who is there only what was changed here: what others change meanwhile stays. `user` is how they were as
 * the form was opened, `now` how they are: groups are sent as a whole, so those given and taken away here are of these.
 */
export function changeOf(draft: UserDraft, user: UserView | null, now: UserView | null): UserChange {
  const { email, password } = draft;
  const name = draft.name.trim();
  const slackId = draft.slackId.trim();
  const groups = groupsOf(draft.groups, user?.groups ?? [], now?.groups ?? []);
  const isOther = (is: unknown, was: unknown): boolean => JSON.stringify(is) !== JSON.stringify(was);
  return {
    email,
    ...(name !== '' && isOther(name, user?.name) && { name }),
    ...(isOther(groups.toSorted(), (now?.groups ?? []).toSorted()) && { groups }),
    ...(isOther(slackId, user?.slackId ?? '') && { slackId: slackId === '' ? null : slackId }),
    ...(password.kind !== 'none' && { password: password.text }),
    ...(user && { overwrite: true }),
  };
}

/** What was added and removed here, done to how they are. */
function groupsOf(draft: string[], before: string[], now: string[]): string[] {
  const added = draft.filter((name) => !before.includes(name) && !now.includes(name));
  const removed = before.filter((name) => !draft.includes(name));
  return [...now.filter((name) => !removed.includes(name)), ...added];
}

/** By the very schema that the gateway asks. */
export function problemsOf(draft: UserDraft): DraftProblems {
  const parsed = userInput.safeParse(changeOf(draft, null, null));
  const problems: DraftProblems = {};
  for (const { path, message } of parsed.error?.issues ?? []) {
    const [field] = path;
    if (field === 'email' || field === 'name' || field === 'groups' || field === 'slackId' || field === 'password') {
      problems[field] ??= sentences[field] ?? `It ${message}.`;
    }
  }
  return problems;
}
const sentences: DraftProblems = {
  email: 'Write an e-mail address, as in sam@example.com.',
  name: 'Write a name of at most 200 characters.',
  groups: 'Names of groups have at most 100 characters, no comma and no control character.',
  slackId: 'Write a Slack member id, as in U0123ABCD; it begins with U or W.',
  password: 'Write at least 8 characters.',
};

/** At which field a refusal belongs; it goes once that field is another. */
export function refusalAt(error: unknown, sent: UserChange | undefined, draft: UserDraft): DraftProblems {
  if (!(error instanceof ApiError) || !sent) return {};
  if (error.code === 'slack_id_taken' && sent.slackId === draft.slackId.trim()) return { slackId: error.message };
  if (error.code === 'name_taken' && sent.email === draft.email) {
    return { email: 'There is a user with this address already: open them in the list.' };
  }
  if (error.code === 'last_admin' && !draft.groups.includes('admin')) return { groups: error.message };
  return {};
}
