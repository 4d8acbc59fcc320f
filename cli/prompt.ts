/** Questions on a terminal. They go to stderr, so that stdout stays for answers of the gateway. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { exitCodes } from '#shared/errors.ts';

export function ask(question: string): Promise<string> {
  return askWith(question, process.stderr);
}

/** Shows nothing of what is typed. */
export async function askSecret(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // The terminal stops echoing before the question is there: whoever sees it may type.
  const answer = askWith('', nowhere);
  process.stderr.write(question);
  try {
    return await answer;
  } finally {
    process.stderr.write('\n');
  }
}

function askWith(question: string, output: NodeJS.WritableStream): Promise<string> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
    const leave = () => {
      lines.removeListener('close', leave);
      lines.close(); // Gives the terminal its echo back.
      process.stderr.write('\n');
      process.exit(exitCodes.interrupted);
    };
    lines.once('SIGINT', leave);
    lines.once('close', leave); // Ctrl-D
    lines.question(question, (answer) => {
      lines.removeListener('close', leave);
      lines.close();
      resolve(answer);
    });
  });
}
