/** In which language the standard input of a command is written, for colours only. */
import type { Extension } from '@codemirror/state';

export type ScriptLanguage = 'shell' | 'sql' | 'python' | 'javascript' | 'ruby' | 'perl' | 'yaml';

const byProgram: ReadonlyArray<[RegExp, ScriptLanguage]> = [
  [/^(ba|z|k|da|a)?sh$/, 'shell'],
  [/^(psql|mysql|mariadb|sqlite3|clickhouse(-client)?|cockroach|sqlcmd)$/, 'sql'],
  [/^python[\d.]*$/, 'python'],
  [/^(node|deno|bun|mongosh)$/, 'javascript'],
  [/^(ruby|irb|rails)[\d.]*$/, 'ruby'],
  [/^perl[\d.]*$/, 'perl'],
  [/^kubectl$/, 'yaml'],
];

/** By the last word of the argv that is a known program, as in `docker exec -i db psql`; null: none is. */
export function scriptLanguage(command: readonly string[]): ScriptLanguage | null {
  for (const word of [...command].reverse()) {
    const program = word.slice(word.lastIndexOf('/') + 1);
    const known = byProgram.find(([pattern]) => pattern.test(program));
    if (known) return known[1];
  }
  return null;
}

/** The editor's grammar, loaded when it is first needed. */
export async function loadLanguage(language: ScriptLanguage): Promise<Extension> {
  if (language === 'sql') return (await import('@codemirror/lang-sql')).sql();
  if (language === 'python') return (await import('@codemirror/lang-python')).python();
  if (language === 'javascript') return (await import('@codemirror/lang-javascript')).javascript();
  const { StreamLanguage } = await import('@codemirror/language');
  if (language === 'ruby') return StreamLanguage.define((await import('@codemirror/legacy-modes/mode/ruby')).ruby);
  if (language === 'perl') return StreamLanguage.define((await import('@codemirror/legacy-modes/mode/perl')).perl);
  if (language === 'yaml') return StreamLanguage.define((await import('@codemirror/legacy-modes/mode/yaml')).yaml);
  return StreamLanguage.define((await import('@codemirror/legacy-modes/mode/shell')).shell);
}
