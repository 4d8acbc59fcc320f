import { SlackError } from '../errors.ts';
import { viewJson } from '../payloads.ts';
import { exchangeTrigger } from '../triggers.ts';
import type { View } from '../model.ts';
import { structured, text, type Method, type MethodCall } from './method.ts';

function source({ args }: MethodCall): unknown {
  const view = structured(args, 'view', 'invalid_arguments');
  if (view === undefined) {
    const messages = ['[ERROR] missing required field: view'];
    throw new SlackError('invalid_arguments', { response_metadata: { messages } });
  }
  return view;
}

const answer = ({ context, app }: MethodCall, view: View) => ({ view: viewJson(view, app, context.workspace.team()) });

function trigger({ context, app, args }: MethodCall) {
  return exchangeTrigger(context.workspace, app, args.trigger_id ?? args.interactivity_pointer);
}

/** No scopes: a trigger id is what permits a view. */
export const viewMethods: Record<string, Method> = {
  'views.open': {
    token: 'bot',
    run(call) {
      const view = source(call);
      return answer(call, call.context.views.open(call.app, trigger(call).personId, view));
    },
  },
  'views.push': {
    token: 'bot',
    run(call) {
      const view = source(call);
      return answer(call, call.context.views.push(call.app, trigger(call).personId, view));
    },
  },
  'views.update': {
    token: 'bot',
    run(call) {
      const { app, args, context } = call;
      const view = context.views.find(app, text(args, 'view_id'), text(args, 'external_id'));
      return answer(call, context.views.update(app, view, source(call), text(args, 'hash')));
    },
  },
  'views.publish': {
    token: 'bot',
    run(call) {
      const { app, args, context } = call;
      const personId = text(args, 'user_id');
      if (!context.workspace.people().some((person) => person.id === personId)) throw new SlackError('user_not_found');
      return answer(call, context.views.publish(app, personId, source(call), text(args, 'hash')));
    },
  },
};
