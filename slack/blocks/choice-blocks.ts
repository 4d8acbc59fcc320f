/** For which group an approval counts, or that it is forced, for how long a grant is approved, and why. */
import type { types } from '@slack/bolt';
import { formatDuration } from '#shared/duration-text.ts';
import { choiceInput, durationInput, encodeChoice, type ApproveChoice } from './decide-value.ts';
import { reasonBlock } from './reason-block.ts';
import { clean, plainText, short, type Block } from './text.ts';

export interface Choices {
  /** Of the groups that are asked, those the person is in. */
  groups: string[];
  mayForce: boolean;
  /** Of a grant: seconds that are asked for; null: a command. */
  askedSeconds: number | null;
}

/** Slack's bounds: https://docs.slack.dev/reference/block-kit/block-elements */
const most = { radioButtons: 10, options: 100, optionText: 75 };

export const hasChoice = ({ groups, mayForce, askedSeconds }: Choices): boolean =>
  groups.length > 1 || mayForce || (groups.length > 0 && askedSeconds !== null);

export function choiceBlocks({ groups, mayForce, askedSeconds }: Choices): Block[] {
  const some = groups.slice(0, most.options - 2);
  const options = [
    ...(groups.length > 0 ? [option({ kind: 'all' }, allText(groups))] : []),
    ...(groups.length > 1 ? some.map((group) => option({ kind: 'group', group }, `Only for ${group}`)) : []),
    ...(mayForce ? [option({ kind: 'force' }, 'Force: approve alone, for everybody')] : []),
  ];
  const [first] = options;
  if (!first) return [];
  const element: types.RadioButtons | types.StaticSelect =
    options.length > most.radioButtons
      ? { type: 'static_select', action_id: choiceInput, options, initial_option: first }
      : { type: 'radio_buttons', action_id: choiceInput, options, initial_option: first };
  return [
    { type: 'input', block_id: choiceInput, label: plainText('Your approval counts', 48), element },
    ...(askedSeconds === null ? [] : [durationBlock(askedSeconds)]),
    reasonBlock({
      label: 'Why?',
      hint: mayForce ? 'Required to force; everybody in the channel is told.' : 'Everybody in the channel is told.',
      optional: true,
    }),
  ];
}

/** Empty: for all that was asked. */
function durationBlock(askedSeconds: number): types.InputBlock {
  const asked = formatDuration(askedSeconds);
  return {
    type: 'input',
    block_id: durationInput,
    optional: true,
    label: plainText('For how long?', 48),
    hint: plainText(`It was asked for ${asked}; you may allow less, as in 10m or 1h30m.`, 150),
    element: { type: 'plain_text_input', action_id: durationInput, initial_value: asked, max_length: 32 },
  };
}

function allText(groups: string[]): string {
  const [only] = groups;
  return groups.length === 1 ? `For ${only}` : `For all my groups (${groups.join(', ')})`;
}

/** Long names are cut, with their ends below: they may differ in nothing else. */
function option(choice: ApproveChoice, text: string): types.PlainTextOption {
  const shown = clean(text);
  const end = `…${shown.slice(-(most.optionText - 1)).replace(/^[\udc00-\udfff]/, '')}`;
  return {
    text: plainText(text, most.optionText),
    value: encodeChoice(choice),
    ...(shown.length > most.optionText && { description: plainText(short(end, most.optionText), most.optionText) }),
  };
}
