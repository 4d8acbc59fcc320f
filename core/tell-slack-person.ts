/** Words of hoop's own to one person in Slack, when nothing depends on their arrival. */
import type { Core } from './context.ts';
import { slackClient } from './slack-client.ts';
import { openSlackTokens } from './slack-tokens.ts';

/** Never throws: what could not be said is logged. `text` is shown as it is, without markup. */
export async function tellSlackPerson(core: Core, slackId: string, text: string): Promise<void> {
  try {
    const slack = await openSlackTokens(core);
    if (!slack) return;
    const client = slackClient(slack.botToken, slack.apiUrl, core.log);
    const opened = await client.conversations.open({ users: slackId });
    await client.chat.postMessage({
      channel: opened.channel?.id ?? '',
      text: text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'),
      blocks: [
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
        },
      ],
      unfurl_links: false,
      unfurl_media: false,
    });
  } catch (error) {
    core.log.warn({ err: error, slackId }, 'direct message about a binding not sent');
  }
}
