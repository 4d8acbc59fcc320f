import { describe, expect, test } from 'vitest';
import { messageBlocks, viewOf } from '#sandbox/blocks/validate.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const option = (value: string) => ({ text: plain(value), value });
const options = (count: number) => Array.from({ length: count }, (_none, index) => option(`${index}`));
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const menu = (type: string, more: object) => actions({ type, action_id: 'a', ...more });
const rich = { type: 'rich_text', elements: [] };
const picture = { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a' };
const button = { type: 'button', action_id: 'go', text: plain('Go') };
const modal = (...blocks: object[]) => ({ type: 'modal', title: plain('A'), submit: plain('Go'), blocks });

/** What Slack says of blocks, or of a view, that it refuses. */
function problems(work: () => unknown): unknown {
  try {
    work();
    return [];
  } catch (error) {
    const { code, extra } = error as { code: string; extra: { response_metadata?: { messages: string[] } } };
    return extra.response_metadata?.messages ?? code;
  }
}

describe('blocks of a message', () => {
  test.each([
    ['markdown', { type: 'markdown', text: '# a' }],
    [
      'table',
      { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }, rich]], column_settings: [{ align: 'right' }] },
    ],
    ['data table', { type: 'data_table', caption: 'a', rows: [[{ type: 'raw_number', value: 1, text: '1' }]] }],
    ['alert', { type: 'alert', text: mrkdwn('a'), level: 'warning' }],
    ['card', { type: 'card', title: mrkdwn('a'), hero_image: picture, actions: [button] }],
    ['carousel', { type: 'carousel', elements: [{ type: 'card', body: mrkdwn('a') }] }],
    ['container', { type: 'container', title: plain('a'), child_blocks: [actions(button), { type: 'divider' }] }],
    ['task card', { type: 'task_card', task_id: '1', title: 'a', status: 'complete', details: rich }],
    ['plan', { type: 'plan', title: 'a', tasks: [{ type: 'task_card', task_id: '1', title: 'a', status: 'error' }] }],
    [
      'video',
      { type: 'video', video_url: 'https://a.b', thumbnail_url: 'https://a.b', alt_text: 'a', title: plain('a') },
    ],
    [
      'context actions',
      {
        type: 'context_actions',
        elements: [
          {
            type: 'feedback_buttons',
            action_id: 'f',
            positive_button: { text: plain('+'), value: 'good' },
            negative_button: { text: plain('-'), value: 'bad' },
          },
          { type: 'icon_button', icon: 'trash', text: plain('Delete') },
        ],
      },
    ],
    ['multi external select', menu('multi_external_select', { min_query_length: 2 })],
    ['formatted radio buttons', menu('radio_buttons', { options: [{ text: mrkdwn('*a*'), value: 'a' }] })],
  ])('%s is one', (_what, block) => {
    expect(problems(() => messageBlocks([block]))).toEqual([]);
  });

  test.each([
    [menu('radio_buttons', { options: options(11) }), 'no more than 10 items allowed', '/elements/0/options'],
    [menu('overflow', { options: options(6) }), 'no more than 5 items allowed', '/elements/0/options'],
    [menu('static_select', { options: options(101) }), 'no more than 100 items allowed', '/elements/0/options'],
    [menu('static_select', {}), 'missing required field: options', '/elements/0'],
    [
      menu('static_select', { options: [{ text: mrkdwn('a'), value: 'a' }] }),
      'unsupported type: mrkdwn',
      '/elements/0/options/0/text/type',
    ],
    [
      menu('static_select', { options: [option('x'.repeat(151))] }),
      'must be less than 76 characters',
      '/elements/0/options/0/text/text',
    ],
    [
      menu('static_select', { options: options(2), initial_option: option('9') }),
      '`initial_option` must be one of the options',
      '/elements/0/initial_option',
    ],
    [
      menu('radio_buttons', { options: options(1), placeholder: plain('a') }),
      'invalid additional property: placeholder',
      '/elements/0',
    ],
    [menu('datepicker', { initial_date: 'soon' }), 'must match the format YYYY-MM-DD', '/elements/0/initial_date'],
    [actions({ ...button, value: 'x'.repeat(2001) }), 'must be less than 2001 characters', '/elements/0/value'],
    [
      actions({
        ...button,
        confirm: { title: plain('a'), text: plain('x'.repeat(301)), confirm: plain('y'), deny: plain('n') },
      }),
      'must be less than 301 characters',
      '/elements/0/confirm/text/text',
    ],
    [actions({ ...button, action_id: 'x'.repeat(256) }), 'must be less than 256 characters', '/elements/0/action_id'],
    [{ type: 'image', alt_text: 'a' }, 'missing required field: image_url', ''],
    [{ type: 'context', elements: Array(11).fill(mrkdwn('a')) }, 'no more than 10 items allowed', '/elements'],
    [{ type: 'actions', elements: Array(26).fill(button) }, 'no more than 25 items allowed', '/elements'],
    [{ type: 'section', fields: Array(11).fill(mrkdwn('a')) }, 'no more than 10 items allowed', '/fields'],
    [{ type: 'markdown', text: 'x'.repeat(12_001) }, 'must be less than 12001 characters', '/text'],
    [{ type: 'file', source: 'remote', external_id: 'a' }, 'unsupported type: file', '/type'],
  ])('%j is none: %s', (block, problem, pointer) => {
    expect(problems(() => messageBlocks([block]))).toContain(`[ERROR] ${problem} [json-pointer:/blocks/0${pointer}]`);
  });

  test('ids are given to all that may be touched, also inside other blocks', () => {
    const [container] = messageBlocks([
      { type: 'container', child_blocks: [actions({ type: 'button', text: plain('a') })] },
    ]);
    expect(container).toMatchObject({
      block_id: expect.any(String),
      child_blocks: [{ block_id: expect.any(String), elements: [{ action_id: expect.any(String) }] }],
    });
  });
});

describe('blocks of a view', () => {
  test.each([
    ['markdown', { type: 'markdown', text: 'a' }],
    ['table', { type: 'table', rows: [[rich]] }],
    ['context_actions', { type: 'context_actions', elements: [] }],
  ])('%s is for messages only', (type, block) => {
    const said = [`[ERROR] unsupported type: ${type} [json-pointer:/view/blocks/0/type]`];
    expect(problems(() => viewOf(modal(block)))).toEqual(said);
  });

  test('a hundred are enough, and 250 kB', () => {
    const divider = { type: 'divider' };
    expect(problems(() => viewOf(modal(...Array(100).fill(divider))))).toEqual([]);
    expect(problems(() => viewOf(modal(...Array(101).fill(divider))))).toEqual([
      '[ERROR] no more than 100 items allowed [json-pointer:/view/blocks]',
    ]);
    const long = { type: 'section', text: mrkdwn('x'.repeat(2900)) };
    expect(problems(() => viewOf(modal(...Array(90).fill(long))))).toBe('view_too_large');
  });

  test.each([
    [{ callback_id: 'x'.repeat(256) }, 'must be less than 256 characters [json-pointer:/view/callback_id]'],
    [{ submit: plain('x'.repeat(25)) }, 'must be less than 25 characters [json-pointer:/view/submit/text]'],
    [{ title: undefined }, 'missing required field: title [json-pointer:/view]'],
    [{ colour: 'red' }, 'invalid additional property: colour [json-pointer:/view]'],
    [{ type: 'dialog' }, 'must be one of: modal, home [json-pointer:/view/type]'],
  ])('a view with %j is none', (change, problem) => {
    expect(problems(() => viewOf({ ...modal(), ...change }))).toContain(`[ERROR] ${problem}`);
  });
});
