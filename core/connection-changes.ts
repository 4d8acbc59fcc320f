/** Which changes of a connection make another thing of what somebody approved before. */
import { canonicalJson } from '#shared/envelope.ts';
import type { ReviewPolicy } from '#shared/review-policy.ts';
import type { ConnectionFields, ConnectionRow } from '#db/connections.ts';
import type { Core } from './context.ts';
import { connectionIdentity } from './sealer.ts';

export function whatIsApprovedChanged(core: Core, before: ConnectionRow, after: ConnectionFields): string[] {
  const differs = (a: unknown, b: unknown) => canonicalJson(a) !== canonicalJson(b);
  const reviewers = (policy: unknown) => ({ ...(policy as Partial<ReviewPolicy>), window: undefined });
  const window = (policy: unknown) => (policy as Partial<ReviewPolicy> | null)?.window ?? null;
  return [
    ...(differs(before.command, after.command) ? ['command'] : []),
    ...(before.agentId === after.agentId ? [] : ['agent']),
    ...(before.runAs === after.runAs ? [] : ['user']),
    ...(changesEnv(core, before, after.envSealed) ? ['env'] : []),
    ...(differs(reviewers(before.policy), reviewers(after.policy)) ? ['reviewers'] : []),
    ...(window(before.policy) === window(after.policy) ? [] : ['window']),
  ];
}

function changesEnv(core: Core, before: ConnectionRow, sealed: Buffer | null): boolean {
  if (before.envSealed === sealed) return false;
  if (before.envSealed === null || sealed === null) return true;
  try {
    const identity = connectionIdentity(before.id);
    return core.sealer.open(identity, before.envSealed) !== core.sealer.open(identity, sealed);
  } catch {
    // Its key is gone: nobody can say that the new env is the old one.
    return true;
  }
}
