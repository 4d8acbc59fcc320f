import fc from 'fast-check';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createPtys } from '#agent/runner/pty.ts';
import { createTerminalInput } from '#agent/runner/terminal-input.ts';
import { createTypedInput } from '#agent/runner/typed-input.ts';
import { inputWindowBytes } from '#shared/input-frame.ts';
import { eventually } from '#test/support/eventually.ts';
import { connectAgent, makeHome, startGateway } from './support.ts';
import { openTerminal, shell, TypingClient, xterm } from './terminal-support.ts';

async function start() {
  const gateway = await startGateway();
  const agent = await connectAgent(gateway);
  return { gateway, agent };
}

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

/** Lines as a terminal takes them, of at least so many bytes. */
function lines(bytes: number): Buffer {
  const text = randomBytes(bytes).toString('base64').slice(0, bytes);
  return Buffer.from(`${text.replaceAll(/.{70}/g, '$&\n')}\n`);
}

test('a paste of 1 MB arrives whole, at the pace of the program, and no slower command waits for it', async () => {
  const { gateway } = await start();
  const file = join(makeHome(), 'pasted');
  const pasted = lines(1024 * 1024);
  const terminal = await openTerminal(gateway, { command: ['sh', '-c', `echo ready; exec cat > ${file}`] });
  await terminal.shows('ready');
  const pasting = terminal.paste(pasted);
  expect(await gateway.runToEnd({ script: 'echo meanwhile' })).toMatchObject({ stdout: 'meanwhile\n' });
  await pasting;
  terminal.type('\x04');
  expect(await terminal.ended()).toMatchObject({ exitCode: 0 });
  expect(sha256(readFileSync(file))).toBe(sha256(pasted));
  expect(sha256(terminal.recorded())).toBe(sha256(`${pasted.toString()}\x04`));
});

test('a program that does not read holds up its own input alone, within the window', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, { command: ['sh', '-c', 'stty raw -echo; echo ready; exec sleep 300'] });
  await terminal.shows('ready');
  const flood = Buffer.alloc(3 * inputWindowBytes, 'x');
  for (let offset = 0; offset < flood.length; offset += 32 * 1024) {
    const data = flood.subarray(offset, offset + 32 * 1024);
    gateway.sendInput(terminal.sessionId, { client: terminal.client, offset, data }); // past the window, as no client does
  }
  expect(await gateway.runToEnd({ script: 'echo other' })).toMatchObject({ exitCode: 0, stdout: 'other\n' });
  const other = await openTerminal(gateway, shell);
  other.type('echo "still $((6 * 7))"; exit\r');
  await other.shows('still 42');
  expect(terminal.acknowledged).toBeLessThan(inputWindowBytes);
  gateway.send({ type: 'stop', sessionId: terminal.sessionId, graceMs: 1_000 });
  expect(await terminal.ended()).toMatchObject({ reason: 'stopped' });
});

test('characters that were cut between frames come out whole', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, { command: ['cat'], env: { LANG: 'C.UTF-8' } });
  const text = Buffer.from('größe → 🙂\r');
  for (const byte of text) terminal.type(Buffer.from([byte]));
  await terminal.shows('größe → 🙂\r\ngröße → 🙂\r\n');
  terminal.type('\x04');
  await terminal.ended();
  expect(terminal.recorded()).toBe('größe → 🙂\r\x04');
});

test('the key that erases takes away a character, however many bytes it has', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, { command: ['sh', '-c', 'echo ready; exec cat'] });
  await terminal.shows('ready');
  terminal.type('a🙂\x7fb\r\x04');
  await terminal.ended();
  expect(terminal.screen().split('\r\n').at(-2)).toBe('ab');
});

test('input sent again is typed once, and input after a gap waits to be sent again', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, { command: ['cat'] });
  const send = (offset: number, text: string) =>
    gateway.sendInput(terminal.sessionId, { client: terminal.client, offset, data: Buffer.from(text) });
  send(0, 'one');
  send(0, 'one two');
  send(20, 'far ahead\r');
  send(3, ' two three\r');
  await terminal.shows('one two three\r\none two three\r\n');
  await eventually(() => terminal.acknowledged === 14, { describe: () => `14 taken, not ${terminal.acknowledged}` });
  send(14, '\x04');
  await terminal.ended();
  expect(terminal.recorded()).toBe('one two three\r\x04');
});

test('a second client numbers its own bytes, and both type into the same terminal', async () => {
  const { gateway } = await start();
  const one = await openTerminal(gateway, { command: ['cat'] });
  one.type('from one\r');
  await one.shows('from one\r\nfrom one\r\n');
  const two = new TypingClient(gateway, one.order);
  await two.attach({ columns: 100, rows: 40 });
  two.type('from two\r');
  await two.shows('from two\r\nfrom two\r\n');
  one.type('\x04');
  expect(await one.ended()).toMatchObject({ exitCode: 0 });
});

test('input of a client that never attached is not typed', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, { command: ['cat'] });
  const stranger = new TypingClient(gateway, terminal.order);
  stranger.type('from nobody\r');
  terminal.type('from me\r');
  await terminal.shows('from me\r\nfrom me\r\n');
  expect(terminal.screen()).not.toContain('nobody');
});

test('after SIGKILL of the agent the terminal goes on, and no byte typed is lost or doubled', async () => {
  const { gateway, agent } = await start();
  const file = join(agent.home, 'typed');
  const terminal = await openTerminal(gateway, {
    command: ['bash', '-c', `echo ready; while read -r line; do echo "$line" >> ${file}; sleep 0.002; done; echo over`],
  });
  await terminal.shows('ready');
  const typed = Array.from({ length: 400 }, (_, index) => `line ${index}\n`).join('');
  terminal.type(typed);
  await eventually(() => terminal.acknowledged > 500, { everyMs: 1, describe: 'some of it to be taken' });
  await agent.kill();
  await gateway.nextJournal(async () => void (await agent.again()));
  gateway.sendOrder(terminal.order);
  await terminal.attach();
  await terminal.taken();
  terminal.type('\x04');
  await terminal.shows('over');
  expect(await terminal.ended()).toMatchObject({ reason: 'exit', exitCode: 0 });
  expect(readFileSync(file, 'utf8')).toBe(typed);
  expect(gateway.faults).toEqual([]);
});

test('a line that drops again and again while somebody types loses and doubles nothing', async () => {
  const { gateway } = await start();
  const file = join(makeHome(), 'typed');
  const terminal = await openTerminal(gateway, { command: ['sh', '-c', `echo ready; exec cat > ${file}`] });
  await terminal.shows('ready');
  const parts = Array.from({ length: 4 }, () => lines(60_000));
  for (const part of parts) {
    terminal.type(part);
    await eventually(() => terminal.acknowledged > 0, { everyMs: 1, describe: 'some of it to be taken' });
    await gateway.nextJournal(() => gateway.cutLine());
    gateway.sendOrder(terminal.order);
    await terminal.attach();
  }
  await terminal.paste(Buffer.from('last\n'));
  terminal.type('\x04');
  await terminal.ended();
  expect(readFileSync(file, 'utf8')).toBe(`${Buffer.concat(parts).toString()}last\n`);
  expect(gateway.faults).toEqual([]);
});

test('sizes that follow each other fast are not all taken, and the last one counts', async () => {
  const { gateway } = await start();
  const terminal = await openTerminal(gateway, shell);
  const sizesOf = () => gateway.received(terminal.sessionId).chunks.filter(({ stream }) => stream === 'resize');
  await terminal.shows('$ ');
  const begun = performance.now();
  for (let columns = 300; columns < 700; columns += 1) {
    gateway.send({ type: 'resize', sessionId: terminal.sessionId, columns, rows: 24 + (columns % 2) });
  }
  await eventually(() => sizesOf().at(-1)?.data.toString() === '699x25', { everyMs: 5, describe: 'the last size' });
  expect(sizesOf().length).toBeLessThan(5 + (performance.now() - begun) / 40);
  terminal.type('stty size; exit\r');
  await terminal.shows('25 699');
  await terminal.ended();
});

const steps = fc.array(
  fc.record({
    client: fc.constantFrom('a', 'b', 'c'),
    /** So far before what is expected, or behind it. */
    from: fc.integer({ min: -20, max: 3 }),
    bytes: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }), fc.constant(20_000)),
    times: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 200 })),
    written: fc.oneof(fc.constant(0), fc.nat(100), fc.nat(40_000)),
  }),
  { maxLength: 30 },
);

test('however input comes and is taken, each client has its bytes written once, in order, as far as it is told', () => {
  const source = randomBytes(4 * 1024 * 1024);
  fc.assert(
    fc.property(steps, (all) => {
      const typed = createTypedInput();
      const model = new Map(['a', 'b', 'c'].map((client) => [client, { received: 0, written: 0 }]));
      for (const client of model.keys()) expect(typed.attach(client)).toBe(0);
      const write = (most: number) => {
        const next = typed.next();
        if (next === undefined) return false;
        const length = Math.min(most, next.length);
        const part = next.subarray(0, length);
        const { client, offset, isDone } = typed.written(length);
        const known = model.get(client);
        if (known === undefined) throw new Error(`nobody typed as ${client}`);
        expect(part.equals(source.subarray(known.written, known.written + length))).toBe(true);
        known.written += length;
        expect(offset).toBe(known.written);
        expect(isDone).toBe(length === next.length);
        return true;
      };
      for (const { client, from, bytes, times, written } of all) {
        const known = model.get(client)!;
        for (let time = 0; time < times; time += 1) {
          const offset = Math.max(0, known.received + from);
          typed.push(client, offset, source.subarray(offset, offset + bytes));
          if (offset > known.received) continue;
          const end = Math.min(offset + bytes, known.written + inputWindowBytes);
          known.received = Math.max(known.received, end);
        }
        if (written > 0) write(written);
        for (const [name, { written: told }] of model) expect(typed.attach(name)).toBe(told);
      }
      while (write(Infinity));
      for (const { received, written } of model.values()) expect(written).toBe(received);
    }),
    { numRuns: 60 },
  );
});

test('a window full of single bytes waits in few pieces, and what a person types waits key by key', () => {
  const typed = createTypedInput();
  for (const client of ['one', 'other']) typed.attach(client);
  for (let offset = 0; offset < inputWindowBytes; offset += 1) {
    for (const client of ['one', 'other']) typed.push(client, offset, Buffer.from('x'));
  }
  expect(typed.pieces()).toBeLessThan(200);
  expect(typed.next()).toHaveLength(1);
});

test('a client that had to go for others goes on where it was, and one that finds no room is answered later', async () => {
  const typed = createTypedInput();
  const clients = Array.from({ length: 17 }, (_, index) => `client ${index}`);
  const [first = '', ...others] = clients;
  typed.attach(first);
  typed.push(first, 0, Buffer.from('first'));
  typed.written(5);
  for (const client of others) expect(typed.attach(client)).toBe(0);
  typed.push(first, 5, Buffer.from('!')); // without a word, as one that does not know
  expect(typed.next()?.toString()).toBe('!');
  expect(typed.written(1)).toMatchObject({ client: first, offset: 6 });
  for (const client of others) typed.attach(client);
  expect(typed.attach(first)).toBe(6);

  const acks: string[] = [];
  const ptys = createPtys();
  const ignore = () => undefined;
  const input = createTerminalInput(xterm, {
    ptys,
    record: ignore,
    onActivity: ignore,
    onAck: (name) => acks.push(name),
  });
  for (const client of clients) {
    input.attach(client, xterm);
    input.input(client, 0, Buffer.from('x'));
  }
  expect(acks).toEqual(clients.slice(0, 16));
  const pty = await ptys.open(xterm);
  onTestFinished(() => pty.close());
  input.begin(pty);
  await eventually(() => acks.includes('client 16'), { everyMs: 2, describe: 'an answer to the last' });
  input.close();
});
