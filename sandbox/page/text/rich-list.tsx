import type { ReactNode } from 'react';
import type { Json } from '../../model.ts';

interface Level {
  ordered: boolean;
  start: number;
  items: { content: unknown; below: Level[] }[];
}

interface Props {
  lists: Json[];
  draw: (content: unknown) => ReactNode;
}

/** Slack's flat lists with their indents, as lists within lists. */
export function RichList({ lists, draw }: Props) {
  return <>{nested(lists).map((level, index) => drawLevel(level, index, draw))}</>;
}

function nested(lists: Json[]): Level[] {
  const top: Level[] = [];
  for (const list of lists) {
    let into = top;
    for (let depth = Number(list.indent ?? 0); depth > 0; depth -= 1) into = into.at(-1)?.items.at(-1)?.below ?? into;
    into.push({
      ordered: list.style === 'ordered',
      start: Number(list.offset ?? 0) + 1,
      items: (list.elements as Json[]).map((item) => ({ content: item.elements, below: [] })),
    });
  }
  return top;
}

function drawLevel(level: Level, key: number, draw: Props['draw']): ReactNode {
  const items = level.items.map((item, index) => (
    <li key={index}>
      {draw(item.content)}
      {item.below.map((below, position) => drawLevel(below, position, draw))}
    </li>
  ));
  return level.ordered ? (
    <ol key={key} start={level.start}>
      {items}
    </ol>
  ) : (
    <ul key={key}>{items}</ul>
  );
}
