import type { Block, Json } from '../model.ts';
import { isObject } from './rules.ts';

/** What people can touch in blocks. */

export interface Interactive {
  block: Block;
  element: Json;
}

const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Blocks with those inside them (a container's, a carousel's cards), in order. */
export function flat(blocks: readonly unknown[]): Block[] {
  return listOf(blocks).flatMap((entry) => {
    const block = entry as Block;
    if (block.type === 'container') return [block, ...flat(listOf(block.child_blocks))];
    return block.type === 'carousel' ? [block, ...flat(listOf(block.elements))] : [block];
  });
}

/** The elements of one block, in order. */
export function elementsOf(block: Json): Json[] {
  if (block.type === 'actions' || block.type === 'context_actions') return listOf(block.elements);
  if (block.type === 'card') return listOf(block.actions);
  return [block.accessory, block.element].filter(isObject);
}

/** Every element with the block it is in. */
export function interactive(blocks: readonly Block[]): Interactive[] {
  return flat(blocks).flatMap((block) => elementsOf(block).map((element) => ({ block, element })));
}

/** Whether touching it tells the app at once: all do but the fields of input blocks that do not ask for it. */
export function dispatches({ block }: Interactive): boolean {
  return block.type !== 'input' || block.dispatch_action === true;
}
