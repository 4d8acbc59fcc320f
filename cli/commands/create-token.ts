import { paths } from '#shared/api-paths.ts';
import type { TokenCreated } from '#shared/token-schemas.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { printJson } from '../output.ts';
import { say } from '../terminal.ts';
import { localStamp } from '../times.ts';

export interface CreateTokenOptions {
  user?: string;
  expire?: string;
  output?: 'json';
}

export async function createTokenCommand({ args, options }: CommandCall<CreateTokenOptions>): Promise<void> {
  checkArguments(args, 1, 'one token at a time');
  const { user, expire } = options;
  const made = await signedInClient().post<TokenCreated>(paths.tokens, { name: args[0], user, expire });
  if (options.output === 'json') return printJson(made);
  say(
    `Token ${made.name} made; whoever has it is ${made.user} until ${localStamp(made.expiresAt)}. ` +
      'It follows on stdout, this once:',
  );
  process.stdout.write(`${made.token}\n`);
}
