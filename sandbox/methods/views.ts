import { SlackError } from '../errors.ts';
import { viewJson } from '../payloads.ts';
import { exchangeTrigger } from '../triggers.ts';
import type { View } from '../model.ts';
import { invalidArguments, structured, text, type Method, type MethodCall } from './method.ts';

function source({ args }: MethodCall): unknown {
  const view = structured(args, 'view', 'invalid_arguments');
  if (view === undefined) throw invalidArguments('missing required field: view');
  return view;
}

const answer = ({ context, app }: MethodCall, view: View) => ({ view: viewJson(view, app, context.workspace.team()) });

function trigger({ context, app, args }: MethodCall) {
  const id = args.trigger_id ?? args.interactivity_pointer;
  if (id === undefined) throw invalidArguments('missing required field: trigger_id');
  return exchangeTrigger(context.workspace, app, id);
}

/** No scopes: a trigger id is what permits a view. */
export const viewMethods: Record<string, Method> = {
  'views.open': {
    token: 'bot',
    tier: 'four',
    run(call) {
      const view = source(call);
      return answer(call, call.context.views.open(call.app, trigger(call).personId, view));
    },
  },
  'views.push': {
    token: 'bot',
    tier: 'four',
    run(call) {
      const view = source(call);
      return answer(call, call.context.views.push(call.app, trigger(call).personId, view));
    },
  },
  'views.update': {
    token: 'bot',
    tier: 'four',
    run(call) {
      const { app, args, context } = call;
      if (!text(args, 'view_id') && !text(args, 'external_id')) {
        throw invalidArguments('missing required field: view_id');
      }
      const view = context.views.find(app, text(args, 'view_id'), text(args, 'external_id'));
      return answer(call, context.views.update(app, view, source(call), text(args, 'hash')));
    },
  },
  'views.publish': {
    token: 'bot',
    tier: 'four',
    run(call) {
      const { app, args, context } = call;
      if (!app.homeTab) throw new SlackError('not_enabled');
      const personId = text(args, 'user_id');
      if (!context.workspace.people().some((person) => person.id === personId)) throw new SlackError('user_not_found');
      return answer(call, context.views.publish(app, personId, source(call), text(args, 'hash')));
    },
  },
};
