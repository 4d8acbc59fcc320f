import { interactive, type Interactive } from '../blocks/interactive.ts';
import { ControlError } from '../errors.ts';
import type { Block } from '../model.ts';

/** What a person points at. */
export interface Aim {
  actionId: string;
  blockId?: string | undefined;
  /** The option of a select, what was typed, or which button when several have one action id. */
  value?: string | string[] | undefined;
}

/** The element that is meant. @throws ControlError unknown_action */
export function find(blocks: Block[], { actionId, blockId, value }: Aim): Interactive {
  const candidates = interactive(blocks)
    .filter(({ block }) => !blockId || block.block_id === blockId)
    .filter(({ element }) => element.action_id === actionId);
  const exact = candidates.find(({ element }) => element.type !== 'button' || !value || element.value === value);
  if (!exact)
    throw new ControlError(404, 'unknown_action', `There is nothing to click with action id "${actionId}" there.`);
  return exact;
}
