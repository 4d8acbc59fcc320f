import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '#cli/program.ts';
import manifest from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const pages = tracked.filter((path) => path.endsWith('.md'));
const textOf = (page: string) => readFileSync(join(root, page), 'utf8');

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (page: string) =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? ''));

function isBroken(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, file))) return true;
  return anchor !== undefined && !anchorsOf(file).includes(anchor);
}

/** Code of a page: lines of its blocks, and what stands in backticks. */
function codeOf(page: string): string[] {
  const text = textOf(page).replace(/^## What is not there$[^]*?(?=^## )/m, '');
  const blocks = [...text.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].flatMap(([, code]) => code?.split('\n') ?? []);
  const inline = [...text.replace(/^ *```[^]*?^ *```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '');
  return [...blocks, ...inline].map((line) => line.trim());
}

/** What is wrong with a call of `hoop`, given what follows its name; undefined when nothing is. */
function wrongWith(program: Command, words: string[]): string | undefined {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((one) => [one.name(), ...one.aliases()].includes(word));
    if (!next) break;
    command = next;
  }
  const calls = words.length > 0 && !words[0]?.startsWith('-');
  if (calls && command === program) return `no command ${words[0]}`;
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  const known = [...command.options, ...program.options].flatMap(({ long, short }) => [long, short]);
  return own
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.replace(/=.*/, ''))
    .find((option) => option !== '--help' && !known.includes(option));
}

describe('the documentation', () => {
  it.each(pages)('%s links only to what is there', (page) => {
    const targets = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
    const broken = targets.filter((target) => !/^https?:/.test(target) && isBroken(page, target));
    expect(broken).toEqual([]);
  });

  it.each(pages)('%s names only npm scripts that exist', (page) => {
    const named = [...textOf(page).matchAll(/\bnpm run (?:--?\w+ )*([a-z:-]+)/g)].map(([, script]) => script);
    expect(named.filter((script) => !Object.hasOwn(manifest.scripts, script ?? ''))).toEqual([]);
  });

  it.each(pages)('%s names only commands and options that hoop has', (page) => {
    const program = buildProgram({ argv: [], status: 0 });
    const calls = codeOf(page).flatMap((line) => /(?:^|npx |exec gateway |\d )hoop ([^#|>]*)/.exec(line)?.[1] ?? []);
    const wrong = calls
      .map((call) => ({
        call,
        wrong: wrongWith(
          program,
          call
            .replace(/'[^']*'/g, 'text')
            .split(' ')
            .filter(Boolean),
        ),
      }))
      .filter((found) => found.wrong !== undefined);
    expect(wrong).toEqual([]);
  });

  it('files that the architecture names are there', () => {
    const folders = new Set(tracked.filter((path) => path.includes('/')).map((path) => path.split('/')[0]));
    const named = [...textOf('docs/architecture.md').matchAll(/`([\w-]+\/[\w./-]*)`/g)].map(([, path]) => path ?? '');
    const gone = named.filter((path) => folders.has(path.split('/')[0]) && !existsSync(join(root, path)));
    expect(named.length).toBeGreaterThan(20);
    expect(gone).toEqual([]);
  });
});
