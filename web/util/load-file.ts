/** A file from the reader's own machine. */
import type { DraftFile } from './run-draft.ts';
import { formatBytes, toBase64, utf8OrNull } from './bytes.ts';

export type LoadedFile = { script: string; file: null } | { script: ''; file: DraftFile } | { problem: string };

/** Text goes into the editor as it is; other bytes are kept as they are. `mostBytes`: what may be sent. */
export async function loadFile(file: File, mostBytes: number): Promise<LoadedFile> {
  if (file.size > mostBytes) {
    return {
      problem: `${file.name} has ${formatBytes(file.size)}; ${formatBytes(mostBytes)} is the most. Choose a smaller file.`,
    };
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    return { problem: `${file.name} cannot be read; choose it again.` };
  }
  const text = utf8OrNull(bytes);
  // text for people has no NUL; an editor would show it, and a shell stumbles over it
  if (text !== null && !text.includes('\0')) return { script: text, file: null };
  return { script: '', file: { name: file.name, base64: toBase64(bytes), bytes: bytes.length } };
}
