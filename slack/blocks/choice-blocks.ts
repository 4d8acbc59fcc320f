/** For which group an approval counts, or that it is forced, and why. */
import type { types } from '@slack/bolt';
import { choiceInput, encodeChoice, type ApproveChoice } from './decide-value.ts';
import { reasonBlock } from './reason-block.ts';
import { clean, plainText, short, type Block } from './text.ts';

export interface Choices {
  /** Of the groups that are asked, those the person is in. */
  groups: string[];
  mayForce: boolean;
}

/** Slack's bounds: https://docs.slack.dev/reference/block-kit/block-elements */
const most = { radioButtons: 10, options: 100, optionText: 75 };

export function choiceBlocks({ groups, mayForce }: Choices): Block[] {
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
    reasonBlock({
      label: 'Why?',
      hint: mayForce ? 'Required to force; everybody in the channel is told.' : 'Everybody in the channel is told.',
      optional: true,
    }),
  ];
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
