import { createServer } from 'node:net';
import { HoopError } from '#shared/errors.ts';

/**
 * The port to listen on: `wanted`, or a free one when it is 0. A taken port is an error that names the
 * variable to change: hoop never moves to another port by itself, since links and configs would point elsewhere.
 */
export async function choosePort(part: string, variable: string, wanted: number, host = '127.0.0.1'): Promise<number> {
  try {
    return await probe(wanted, host);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'may not be opened by this user' : 'is in use by another program';
    throw new HoopError(
      'port_taken',
      `Port ${wanted} on ${host}, meant for ${part}, ${why}. Free it, or choose another with ${variable} (0 takes any free port).`,
    );
  }
}

/** Binds and lets go at once. */
function probe(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
