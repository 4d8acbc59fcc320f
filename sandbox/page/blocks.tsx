import { Message as LibraryMessage, type Block as LibraryBlock } from 'slack-blocks-to-jsx';
import type { ComponentProps, ReactNode } from 'react';
import type { Block, Json } from '../model.ts';
import { useClient } from './client.ts';
import { Element, type Act } from './elements.tsx';

/**
 * Block Kit on the page. The library draws what is only looked at; what is clicked or filled is ours, because the
 * library's buttons and fields do not say that they were used.
 */
export function Blocks({ blocks, onAct, input }: { blocks: Block[]; onAct: Act; input?: (block: Block) => ReactNode }) {
  return (
    <div className="blocks">
      {blocks.map((block, index) => {
        const key = block.block_id ?? index;
        if (block.type === 'input') return <div key={key}>{input?.(block)}</div>;
        if (block.type === 'actions') {
          return (
            <div key={key} className="actions">
              {(block.elements as Json[]).map((element) => (
                <Element key={String(element.action_id)} block={block} element={element} onAct={onAct} />
              ))}
            </div>
          );
        }
        const accessory = block.accessory as Json | undefined;
        if (!accessory || accessory.type === 'image') return <Drawn key={key} block={block} />;
        const { accessory: _ours, ...rest } = block;
        return (
          <div key={key} className="with-accessory">
            <Drawn block={rest as Block} />
            <Element block={block} element={accessory} onAct={onAct} />
          </div>
        );
      })}
    </div>
  );
}

const SAFE = /^(https?:|mailto:)/i;
const hooks: ComponentProps<typeof LibraryMessage>['hooks'] = {
  // A link an app made up must not run script here, nor hand the page over to where it leads.
  link: ({ href, children, className }) =>
    SAFE.test(href) ? (
      <a href={href} className={className} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    ) : (
      <span className={className}>{children}</span>
    ),
  user: ({ id, name }) => <span className="mention">@{name || id}</span>,
  channel: ({ id, name }) => <span className="mention">#{name || id}</span>,
};

function Drawn({ block }: { block: Block }) {
  const { people, apps, channels } = useClient();
  const users = [
    ...people.map(({ id, realName }) => ({ id, name: realName })),
    ...apps.map(({ botUserId, botName }) => ({ id: botUserId, name: botName })),
  ];
  const data = { users, channels: channels.map(({ id, name }) => ({ id, name })) };
  const blocks = [block as unknown as LibraryBlock];
  return <LibraryMessage withoutWrapper theme="light" blocks={blocks} name="" logo="" data={data} hooks={hooks} />;
}
