import { ControlError, SlackError } from '../errors.ts';
import type { SandboxContext } from '../methods/method.ts';
import type { Channel, Person } from '../model.ts';
import { placeJson } from '../payloads.ts';
import { mintResponseUrl, respond } from '../response-url.ts';
import { mintTrigger } from '../triggers.ts';
import { acknowledged, type Acked } from './ack.ts';

/** A person types a slash command; done when the app has acknowledged. */
export async function runCommand(
  context: SandboxContext,
  person: Person,
  channel: Channel,
  command: string,
  text: string,
): Promise<Acked> {
  const { workspace, hub } = context;
  if (!channel.members.includes(person.id)) {
    throw new ControlError(403, 'not_in_channel', `${person.name} is no member of #${channel.name}.`);
  }
  const app = workspace.apps().findLast((entry) => entry.commands.some((known) => known.command === command));
  if (!app) {
    const message = `${command} is not a valid command. In Slack, all messages that start with the “/” character are commands.`;
    throw new ControlError(404, 'unknown_command', message);
  }
  const { shouldEscape } = app.commands.find((known) => known.command === command)!;
  const team = workspace.team();
  const payload = {
    token: 'sandbox-verification-token',
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: placeJson(channel).name,
    user_id: person.id,
    user_name: person.name,
    command,
    text: shouldEscape ? escaped(context, text) : text,
    api_app_id: app.appId,
    is_enterprise_install: 'false',
    response_url: mintResponseUrl(context, 'commands', { app, person, channel }),
    trigger_id: mintTrigger(workspace, app, person.id),
  };
  const delivery = await hub.deliver(app.appId, { type: 'slash_commands', payload, acceptsResponse: true });
  if (!delivery.acked) {
    workspace.slackbotSays(channel.id, person.id, `${command} failed because the app did not respond.`);
  }
  const acked = acknowledged(app, delivery);
  try {
    const { appId } = app;
    if (acked.response.text || acked.response.blocks) {
      respond(context, { appId, personId: person.id, channel: channel.id }, acked.response);
    }
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    workspace.slackbotSays(channel.id, person.id, `${command} failed with the error “${error.code}”.`);
  }
  return acked;
}

/** With `should_escape`, users and channels arrive as `<@U1|name>` and `<#C1|name>`. */
function escaped({ workspace }: SandboxContext, text: string): string {
  return text
    .replace(/@(\w[\w.-]*)/g, (whole, name: string) => {
      const person = workspace.people().find((entry) => entry.name === name);
      return person ? `<@${person.id}|${person.name}>` : whole;
    })
    .replace(/#(\w[\w-]*)/g, (whole, name: string) => {
      const channel = workspace.channelNamed(name);
      return channel ? `<#${channel.id}|${channel.name}>` : whole;
    });
}
