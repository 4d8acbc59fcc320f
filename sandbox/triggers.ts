import { SlackError } from './errors.ts';
import { secret } from './ids.ts';
import type { App, Trigger } from './model.ts';
import { lookUp } from './store.ts';
import type { Workspace } from './workspace.ts';

/** A single-use permission to open a modal for a person, good for 3 s unless the sandbox was told otherwise. */
export function mintTrigger(workspace: Workspace, app: App, personId: string, viewId?: string): string {
  const now = workspace.clock.now();
  const id = `${now}.${workspace.store.next('triggers')}.${secret(16)}`;
  const trigger: Trigger = {
    appId: app.appId,
    personId,
    expiresAt: now + workspace.triggerMs,
    used: false,
    ...(viewId ? { viewId } : {}),
  };
  workspace.store.triggers.putSync(id, trigger);
  return id;
}

/** Uses a trigger up. @throws SlackError invalid_trigger_id, exchanged_trigger_id, expired_trigger_id */
export function exchangeTrigger(workspace: Workspace, app: App, id: unknown): Trigger {
  const { store, clock } = workspace;
  return store.transaction(() => {
    const trigger = lookUp(store.triggers, id);
    if (!trigger || trigger.appId !== app.appId) throw new SlackError('invalid_trigger_id');
    if (trigger.used) throw new SlackError('exchanged_trigger_id');
    if (trigger.expiresAt < clock.now()) throw new SlackError('expired_trigger_id');
    store.triggers.putSync(String(id), { ...trigger, used: true });
    return trigger;
  });
}
