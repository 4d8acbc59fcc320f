/** `GET /api/openapi.json`: OpenAPI 3.1 made from the very routes and schemas that are served. */
import { z } from 'zod';
import * as schemas from '#shared/api-schemas.ts';
import { streamClose, streamEvent } from '#shared/stream-events.ts';
import { publicRoute, type Route } from './route.ts';

type Json = Record<string, unknown>;

/** Answers that several routes give, under the names that generated clients will know them by. */
const named: Record<string, z.ZodType> = {
  Session: schemas.sessionView,
  SessionDetail: schemas.sessionDetail,
  OutputPage: schemas.outputPage,
  Me: schemas.me,
  SignedIn: schemas.loginAnswer,
  User: schemas.userView,
  Agent: schemas.agentView,
  AgentCreated: schemas.agentCreated,
  Connection: schemas.connectionView,
  Plugin: schemas.pluginView,
  Error: schemas.errorBody,
  StreamEvent: streamEvent,
};

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function answerSchema(schema: z.ZodType): Json {
  const name = Object.keys(named).find((key) => named[key] === schema);
  if (name) return ref(name);
  if (schema instanceof z.ZodArray) return { type: 'array', items: answerSchema(schema.element as z.ZodType) };
  return jsonSchema(schema, 'output');
}

function parameters(route: Route): Json[] {
  const of = (where: 'path' | 'query', schema: z.ZodObject | undefined): Json[] =>
    Object.entries(schema?.shape ?? {}).map(([name, field]) => {
      const { description, ...type } = jsonSchema(field as z.ZodType, 'input');
      const required = where === 'path' || !(field as z.ZodType).safeParse(undefined).success;
      return { name, in: where, required, ...(description ? { description } : {}), schema: type };
    });
  return [...of('path', route.params), ...of('query', route.query)];
}

function operation(route: Route): Json {
  const content = (schema: Json) => ({ 'application/json': { schema } });
  const answers = (route.statuses ?? [200]).map((status) => {
    const body =
      route.answer && status !== 204
        ? { content: { [route.contentType ?? 'application/json']: { schema: answerSchema(route.answer) } } }
        : {};
    return [String(status), { description: status === 204 ? 'Done' : 'The answer', ...body }];
  });
  const asked = parameters(route);
  return {
    operationId: `${route.method}${route.path.replaceAll(/[^\w]+(\w?)/g, (_, next: string) => next.toUpperCase())}`,
    tags: [route.tag],
    summary: route.summary,
    ...(route.access === 'public' ? { security: [] } : {}),
    ...(asked.length > 0 ? { parameters: asked } : {}),
    ...(route.body
      ? { requestBody: { required: true, content: content(jsonSchema(route.body.strict(), 'input')) } }
      : {}),
    responses: {
      ...Object.fromEntries(answers),
      default: { description: 'A refusal; its code is one of docs/errors.md', content: content(ref('Error')) },
    },
  };
}

const streamOperation: Json = {
  operationId: 'streamSession',
  tags: ['Streams'],
  summary: 'WebSocket: each text frame is a StreamEvent; a client may send {"command":"interrupt"}',
  description: `Close codes: 1000 after the end, ${JSON.stringify(streamClose)}. With the subprotocol hoop.binary.v1 output comes in binary frames: 1 byte stream (1 stdout, 2 stderr), 8 bytes offset (big-endian), data.`,
  parameters: [
    { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
    { name: 'offset', in: 'query', required: false, schema: { type: 'integer', minimum: 0, default: 0 } },
    {
      name: 'heartbeat',
      in: 'query',
      required: false,
      description:
        'Seconds between two heartbeat events, for clients that cannot see whether their line lives; each event says what the gateway keeps. Without it there are none. With it an output event has at most 16 KiB of output.',
      schema: { type: 'number', exclusiveMinimum: 0 },
    },
  ],
  responses: { 101: { description: 'Frames follow', content: { 'application/json': { schema: ref('StreamEvent') } } } },
};

export function openApiDocument(routes: Route[], version: string): Json {
  const paths: Record<string, Json> = { '/api/sessions/{id}/stream': { get: streamOperation } };
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'hoop',
      version,
      description: 'Run commands on machines you hold no keys to, once the right people said yes.',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, jsonSchema(schema, 'output')])),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'From POST /api/login, kind cli' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'hoop_session', description: 'From POST /api/login, kind web' },
      },
    },
  };
}

export function openApiRoute(routes: Route[], version: string): Route {
  let document: Json | undefined;
  const route: Route = publicRoute(
    {
      method: 'get',
      path: '/api/openapi.json',
      tag: 'Service',
      summary: 'This document',
      answer: z.record(z.string(), z.unknown()),
    },
    async () => ({ body: (document ??= openApiDocument([...routes, route], version)) }),
  );
  return route;
}
