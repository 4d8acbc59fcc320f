import { runProgram } from './program.ts';
import { flushed, reportError } from './terminal.ts';

// Parts of hoop that run on have ways of their own to fail; a command ends.
const serves = process.argv[2] === 'start';
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (serves) return;
  // A reader that went away (`hoop ... | head`): quietly, with the status of a program that SIGPIPE ended.
  if (error.code === 'EPIPE') process.exit(141);
  process.exit(reportError(new Error(`cannot write the output: ${error.message}`)));
});
process.stderr.on('error', () => undefined); // Nobody reads hoop's words any more; its work goes on.
if (!serves) process.on('uncaughtException', (error) => process.exit(reportError(error)));

let status: number;
try {
  status = await runProgram(process.argv.slice(2));
} catch (error) {
  status = reportError(error);
}
await flushed();
process.exit(status);
