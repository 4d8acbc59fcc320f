import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { paths } from '#shared/api-schemas.ts';
import { startApi, type TestApi } from './support/api.ts';
import { caller } from './support/client.ts';

const schemaObject = z.record(z.string(), z.unknown());
const content = z.strictObject({ 'application/json': z.strictObject({ schema: schemaObject }) });
const operation = z.strictObject({
  operationId: z.string().regex(/^\w+$/),
  tags: z.array(z.string()).min(1),
  summary: z.string().min(3),
  description: z.string().optional(),
  security: z.array(schemaObject).optional(),
  parameters: z
    .array(
      z.strictObject({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean(),
        description: z.string().optional(),
        schema: schemaObject,
      }),
    )
    .optional(),
  requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
  responses: z.record(
    z.string().regex(/^(\d{3}|default)$/),
    z.strictObject({
      description: z.string(),
      content: z.record(z.string(), z.strictObject({ schema: schemaObject })).optional(),
    }),
  ),
});
/** The parts of OpenAPI 3.1 that hoop's document uses, and nothing else. */
const openApi = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.string() })),
  security: z.array(schemaObject),
  paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(['get', 'post', 'put', 'delete']), operation)),
  components: z.strictObject({
    schemas: z.record(z.string(), schemaObject),
    securitySchemes: z.record(z.string(), schemaObject),
  }),
});

let api: TestApi;
let document: z.output<typeof openApi>;
beforeAll(async () => {
  api = await startApi();
  document = openApi.parse((await caller(api).get('/api/openapi.json')).body);
});
afterAll(() => api.stop());

test('every path that CLI and console use is described', () => {
  const used = Object.values(paths).map((path) => (typeof path === 'string' ? path : path('{x}', 0)));
  const known = Object.keys(document.paths).map((path) => path.replaceAll(/\{\w+\}/g, '{x}'));
  for (const path of used) expect(known).toContain(decodeURIComponent(path.split('?')[0] ?? ''));
});

test('operations have names of their own, and parameters for what is in their path', () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((op) => ({ path, op })),
  );
  const ids = operations.map(({ op }) => op.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, op } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(op.parameters?.filter((p) => p.in === 'path').map((p) => p.name) ?? []).toEqual(inPath);
  }
});

test('every reference leads somewhere', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
  expect(refs.length).toBeGreaterThan(10);
  const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  for (const ref of refs) expect(known).toContain(ref);
});

test('schemas say what the input schemas say: bounds, defaults and what is required', () => {
  const body = document.paths['/api/sessions']?.post?.requestBody?.content['application/json'].schema;
  expect(body).toMatchObject({
    type: 'object',
    additionalProperties: false,
    required: ['connection'],
    properties: { kind: { enum: ['exec', 'connect'], default: 'exec' }, reason: { maxLength: 2000 } },
  });
  const schemas = document.components.schemas;
  for (const name of Object.keys(schemas)) expect(z.fromJSONSchema(schemas[name] as never)).toBeDefined();
});

test('what needs no sign-in says so', () => {
  const open = Object.entries(document.paths).filter(([, methods]) => methods.get?.security?.length === 0);
  expect(open.map(([path]) => path).sort()).toEqual([
    '/api/openapi.json',
    '/api/sign-in/methods',
    '/api/version',
    '/healthz',
    '/metrics',
    '/readyz',
  ]);
});
