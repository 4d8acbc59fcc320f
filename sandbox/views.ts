import { viewOf } from './blocks/validate.ts';
import { SlackError } from './errors.ts';
import type { Feed } from './feed.ts';
import { slackId, viewHash } from './ids.ts';
import type { App, Json, View } from './model.ts';
import { lookUp } from './store.ts';
import { viewValues } from './view-state.ts';
import type { Workspace } from './workspace.ts';

const STACK = 3;

/** The modals and home tabs that are open, in whose client, in what order. */
export class Views {
  private readonly workspace: Workspace;
  private readonly feed: Feed;

  constructor(workspace: Workspace, feed: Feed) {
    this.workspace = workspace;
    this.feed = feed;
  }

  get(id: string): View | undefined {
    return lookUp(this.workspace.store.views, id);
  }

  /** A person's open modals, the one on top last. */
  stackOf(personId: string): View[] {
    return this.all()
      .filter((view) => view.type === 'modal' && view.personId === personId)
      .sort((a, b) => a.depth - b.depth);
  }

  homeOf(appId: string, personId: string): View | undefined {
    return this.all().find((view) => view.type === 'home' && view.appId === appId && view.personId === personId);
  }

  private all(): View[] {
    return this.workspace.store.all(this.workspace.store.views);
  }

  /** A modal instead of whatever that person has open. */
  open(app: App, personId: string, source: unknown): View {
    const fields = this.fields(app, source, 'modal');
    this.closeAll(personId);
    return this.add(app, personId, fields, undefined);
  }

  /** A modal on top of the one that is open. @throws SlackError push_limit_reached */
  push(app: App, personId: string, source: unknown): View {
    const stack = this.stackOf(personId);
    const fields = this.fields(app, source, 'modal');
    if (stack.length >= STACK) throw new SlackError('push_limit_reached');
    return this.add(app, personId, fields, stack.at(-1));
  }

  publish(app: App, personId: string, source: unknown, hash: unknown): View {
    const fields = this.fields(app, source, 'home');
    const before = this.homeOf(app.appId, personId);
    if (before) return this.replace(before, fields, hash);
    return this.add(app, personId, fields, undefined);
  }

  /** New content for an open view; what people entered in blocks that stay is kept. @throws SlackError hash_conflict */
  update(app: App, view: View, source: unknown, hash?: unknown): View {
    return this.replace(view, this.fields(app, source, view.type, view.id), hash);
  }

  find(app: App, id: unknown, externalId: unknown): View {
    const found = this.all().find(
      (view) =>
        view.appId === app.appId && (id ? view.id === id : view.externalId !== '' && view.externalId === externalId),
    );
    if (!found) throw new SlackError('not_found');
    return found;
  }

  private fields(app: App, source: unknown, type: View['type'], self?: string) {
    const view = viewOf(source);
    if (view.type !== type) {
      const messages = [`[ERROR] must be of type ${type} [json-pointer:/view/type]`];
      throw new SlackError('invalid_arguments', { response_metadata: { messages } });
    }
    const externalId = String(view.external_id ?? '');
    const taken = this.all().some(
      (other) => externalId !== '' && other.appId === app.appId && other.externalId === externalId && other.id !== self,
    );
    if (taken) throw new SlackError('duplicate_external_id');
    return {
      type,
      externalId,
      blocks: view.blocks,
      title: view.title as Json | undefined,
      submit: (view.submit as Json | undefined) ?? null,
      close: (view.close as Json | undefined) ?? null,
      callbackId: String(view.callback_id ?? ''),
      privateMetadata: String(view.private_metadata ?? ''),
      clearOnClose: view.clear_on_close === true,
      notifyOnClose: view.notify_on_close === true,
    };
  }

  private add(app: App, personId: string, fields: ReturnType<Views['fields']>, below: View | undefined): View {
    const id = slackId('V');
    return this.save({
      ...fields,
      id,
      appId: app.appId,
      personId,
      hash: viewHash(this.workspace.clock.now()),
      rootViewId: below?.rootViewId ?? id,
      previousViewId: below?.id ?? null,
      values: viewValues(fields.blocks),
      depth: fields.type === 'home' ? 0 : (below?.depth ?? 0) + 1,
    });
  }

  private replace(view: View, fields: ReturnType<Views['fields']>, hash: unknown): View {
    if (hash && hash !== view.hash) throw new SlackError('hash_conflict');
    const { errors: _gone, ...kept } = view;
    const values = viewValues(fields.blocks, view.values);
    return this.save({ ...kept, ...fields, values, hash: viewHash(this.workspace.clock.now()) });
  }

  save(view: View): View {
    this.workspace.store.views.putSync(view.id, view);
    this.feed.announce({ kind: 'view', user: view.personId });
    return view;
  }

  close(view: View): void {
    this.workspace.store.views.removeSync(view.id);
    this.feed.announce({ kind: 'view', user: view.personId });
  }

  closeAll(personId: string): void {
    for (const view of this.stackOf(personId)) this.close(view);
  }
}
