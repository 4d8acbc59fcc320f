import type { Client } from './api.ts';

export interface Suggestion {
  insert: string;
  label: string;
  note: string;
}

interface Command {
  command: string;
  usage: string;
  description: string;
  by: string;
}

const INVITE: Command = {
  command: '/invite',
  usage: '@name',
  description: 'Add someone to this channel',
  by: 'Slack',
};

function commandsOf({ apps }: Client): Command[] {
  const known = apps.flatMap(({ commands, botName }) =>
    commands.map(({ command, usageHint = '', description }) => ({
      command,
      usage: usageHint,
      description,
      by: botName,
    })),
  );
  return [...known, INVITE];
}

/** What could be meant by the word before the caret: a command at the beginning, a person or bot, a channel. */
export function suggestionsFor(client: Client, before: string): Suggestion[] {
  if (/^\/\S*$/.test(before)) {
    return commandsOf(client)
      .filter(({ command }) => command.startsWith(before.toLowerCase()))
      .map(({ command, usage, description, by }) => ({
        insert: `${command} `,
        label: `${command} ${usage}`.trim(),
        note: `${description} · ${by}`,
      }));
  }
  const [, sign, typed = ''] = /(?:^|\s)([@#])(\S*)$/.exec(before) ?? [];
  const letters = typed.toLowerCase();
  if (sign === '#') {
    return client.channels
      .filter(({ name, isArchived }) => !isArchived && name.startsWith(letters))
      .map(({ name, isPrivate }) => ({ insert: `#${name} `, label: `#${name}`, note: isPrivate ? 'private' : '' }));
  }
  if (sign !== '@') return [];
  const bots = client.apps.map(({ botName }) => ({ name: botName, note: 'app' }));
  const people = client.people.map(({ name, realName }) => ({ name, note: realName }));
  return [...people, ...bots]
    .filter(({ name, note }) =>
      `${name} ${note}`
        .toLowerCase()
        .split(' ')
        .some((word) => word.startsWith(letters)),
    )
    .map(({ name, note }) => ({ insert: `@${name} `, label: `@${name}`, note }));
}

/** How the command goes on that is being typed. */
export function usageOf(client: Client, text: string): string | undefined {
  const [, typed] = /^(\/\S+)\s/.exec(text) ?? [];
  const known = commandsOf(client).find(({ command }) => command === typed);
  return known && `${known.command} ${known.usage}`.trim() + ` · ${known.description}`;
}
