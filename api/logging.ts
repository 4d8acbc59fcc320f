/** One structured line a request, with its id, the session it is about, and nothing that could be a secret. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';

const requestId = /^[\w.-]{1,64}$/;
const quietPaths = ['/healthz', '/readyz', '/metrics', '/assets/'];

interface WithLocals {
  locals?: Record<string, unknown>;
}

/** The caller's `x-request-id` when it looks like one, else a new one; it is answered either way. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && requestId.test(given) ? given : randomUUID();
}

export function requestLogging(log: Logger) {
  return pinoHttp({
    logger: log,
    genReqId(req, res) {
      const id = requestIdOf(req);
      res.setHeader('x-request-id', id);
      return id;
    },
    // Headers and bodies are left out as a whole: that is where tokens, passwords and scripts are.
    serializers: {
      req: (req: { id: string; method: string; url: string; remoteAddress?: string }) => ({
        id: req.id,
        method: req.method,
        path: req.url.split('?')[0],
        remoteAddress: req.remoteAddress,
      }),
      res: (res: { statusCode: number }) => ({ statusCode: res.statusCode }),
    },
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'requestId' },
    customProps: (_req, res) => ({ ...(res as ServerResponse & WithLocals).locals }),
    customLogLevel: (_req, res) => (res.statusCode >= 500 ? 'error' : 'info'),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
    // What broke is logged where it is caught; here it would be an error without a cause.
    customErrorObject: (_req, _res, _error, { err: _err, ...rest }: Record<string, unknown>) => rest,
    autoLogging: { ignore: (req) => quietPaths.some((path) => req.url?.startsWith(path)) },
  });
}
