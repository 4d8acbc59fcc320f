import { memo, type ReactNode } from 'react';
import type { Block, Json } from '../../model.ts';
import { Mrkdwn } from '../text/mrkdwn.tsx';
import { RichText } from '../text/rich-text.tsx';
import { plainOf, Text, textOf } from '../text/text-object.tsx';
import { Element, type Act } from './element.tsx';
import { Picture } from './picture.tsx';
import { Table } from './table.tsx';

interface Props {
  blocks: Block[];
  onAct: Act;
  /** Draws the fields of a modal. */
  input?: (block: Block) => ReactNode;
}

/** Block Kit on the page. https://docs.slack.dev/reference/block-kit/blocks */
export function Blocks({ blocks, onAct, input }: Props) {
  return (
    <div className="blocks">
      {blocks.map((block, index) => (
        <div key={block.block_id ?? index} className={`block block-${block.type}`}>
          {draw(block, onAct, input)}
        </div>
      ))}
    </div>
  );
}

function draw(block: Block, onAct: Act, input: Props['input']): ReactNode {
  switch (block.type) {
    case 'input':
      return input?.(block);
    case 'actions':
      return (block.elements as Json[]).map((element) => (
        <Element key={String(element.action_id)} block={block} element={element} onAct={onAct} />
      ));
    case 'section':
      return (
        <>
          <Section text={block.text} fields={block.fields} />
          {Boolean(block.accessory) && <Element block={block} element={block.accessory as Json} onAct={onAct} />}
        </>
      );
    default:
      return <Drawn block={block} />;
  }
}

const Section = memo(function Section({ text, fields }: { text: unknown; fields: unknown }) {
  return (
    <div className="section-text">
      {Boolean(text) && <Text value={text} />}
      {Array.isArray(fields) && (
        <div className="fields">
          {fields.map((field, index) => (
            <div key={index}>
              <Text value={field} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
});

/** A block that is only looked at. */
const Drawn = memo(function Drawn({ block }: { block: Block }) {
  switch (block.type) {
    case 'rich_text':
      return <RichText elements={block.elements} />;
    case 'header':
      return <h3>{plainOf(block.text)}</h3>;
    case 'divider':
      return <hr />;
    case 'context':
      return (block.elements as Json[]).map((element, index) =>
        element.type === 'image' ? (
          <Picture key={index} image={element} />
        ) : (
          <span key={index}>
            <Text value={element} />
          </span>
        ),
      );
    case 'image':
      return (
        <figure>
          {Boolean(block.title) && <figcaption>{plainOf(block.title)}</figcaption>}
          <Picture image={block} />
        </figure>
      );
    case 'markdown':
      return <Mrkdwn text={asMrkdwn(textOf(block))} />;
    case 'table':
      return <Table rows={block.rows as Json[][]} />;
    default:
      return <span className="unsupported">A {block.type} block: the sandbox does not draw it.</span>;
  }
});

/** Standard Markdown, as far as it differs in what is common: **bold**, headings, bullets, [links](https://…). */
function asMrkdwn(markdown: string): string {
  return markdown
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/^#{1,6} +(.+)$/gm, '*$1*')
    .replace(/^(\s*)[-*] +/gm, '$1• ')
    .replace(/\*\*([^*\n]+)\*\*/g, '*$1*')
    .replace(/\[([^\]\n]+)\]\((\S+?)\)/g, '<$2|$1>');
}
