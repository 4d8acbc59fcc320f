import { ControlError } from '../errors.ts';
import type { SandboxContext } from '../methods/method.ts';
import type { App, Person, View } from '../model.ts';
import { viewJson } from '../payloads.ts';
import { publishEvent } from './events.ts';

/** A person opens the home tab of an app, which hears of it and may publish one. https://docs.slack.dev/reference/events/app_home_opened */
export function openHome(context: SandboxContext, person: Person, app: App): View | undefined {
  const { workspace, views } = context;
  if (!app.homeTab) throw new ControlError(409, 'no_home_tab', `${app.name} has no home tab.`);
  const view = views.homeOf(app.appId, person.id);
  const event = {
    type: 'app_home_opened',
    user: person.id,
    channel: workspace.openIm(app, person.id).id,
    tab: 'home',
    event_ts: workspace.store.nextTs(workspace.clock.now()),
    ...(view ? { view: viewJson(view, app, workspace.team()) } : {}),
  };
  publishEvent(context, app, { name: 'app_home_opened', event });
  return view;
}
