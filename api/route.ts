/**
 * A route is a table entry: method, path, schemas and a handler. Express and the OpenAPI document are both made from
 * it, so neither knows a route that the other does not.
 */
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Context, Core } from '#core/context.ts';
import type { ApiDeps } from './deps.ts';
import type { Identity } from './auth.ts';
import { parseInput } from './validate.ts';

export interface Answer<T> {
  status?: number;
  body?: T;
}

type Input = z.ZodObject | undefined;
type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
type Answered<S> = S extends z.ZodType ? z.input<S> : undefined;

/** What every handler gets. */
export interface PublicCall<P, Q, B> {
  core: Core;
  deps: ApiDeps;
  params: P;
  query: Q;
  body: B;
  req: Request;
  res: Response;
}

/** What handlers get that are for people who signed in. */
export interface UserCall<P, Q, B> extends PublicCall<P, Q, B> {
  ctx: Context;
  identity: Identity;
}

export interface RouteSpec<P extends Input, Q extends Input, B extends Input, A extends z.ZodType | undefined> {
  method: 'get' | 'post' | 'put' | 'delete';
  /** As Express writes it: /api/users/:email */
  path: string;
  summary: string;
  tag: string;
  params?: P;
  query?: Q;
  body?: B;
  /** Largest body in bytes; without it 1 MiB. */
  bodyBytes?: number;
  answer?: A;
  /** Of the answer, when it is not JSON. */
  contentType?: string;
  /** Statuses of success; without it 200. */
  statuses?: number[];
}

export interface Route extends RouteSpec<Input, Input, Input, z.ZodType | undefined> {
  access: 'public' | 'user';
  run(raw: RawCall): Promise<Answer<unknown>>;
}

export interface RawCall {
  deps: ApiDeps;
  identity: Identity | undefined;
  req: Request;
  res: Response;
  body: unknown;
}

export function publicRoute<
  A extends z.ZodType | undefined = undefined,
  P extends Input = undefined,
  Q extends Input = undefined,
  B extends Input = undefined,
>(
  spec: RouteSpec<P, Q, B, A>,
  handle: (call: PublicCall<Output<P>, Output<Q>, Output<B>>) => Promise<Answer<Answered<A>>>,
): Route {
  return { ...spec, access: 'public', run: (raw) => handle(inputOf(spec, raw)) };
}

/** Runs only for somebody who signed in. */
export function userRoute<
  A extends z.ZodType | undefined = undefined,
  P extends Input = undefined,
  Q extends Input = undefined,
  B extends Input = undefined,
>(
  spec: RouteSpec<P, Q, B, A>,
  handle: (call: UserCall<Output<P>, Output<Q>, Output<B>>) => Promise<Answer<Answered<A>>>,
): Route {
  return {
    ...spec,
    access: 'user',
    run(raw) {
      if (!raw.identity) throw new Error(`${spec.path} ran for nobody`);
      return handle({ ...inputOf(spec, raw), identity: raw.identity, ctx: raw.identity.ctx });
    },
  };
}

function inputOf<P extends Input, Q extends Input, B extends Input>(
  spec: RouteSpec<P, Q, B, z.ZodType | undefined>,
  { deps, req, res, body }: RawCall,
): PublicCall<Output<P>, Output<Q>, Output<B>> {
  // A field that is misspelt must not be passed over in silence: half of what an admin sets is about safety.
  const parse = <S extends Input>(schema: S, value: unknown) =>
    (schema && parseInput(schema.strict(), value)) as Output<S>;
  return {
    core: deps.core,
    deps,
    params: parse(spec.params as P, req.params),
    query: parse(spec.query as Q, req.query),
    body: parse(spec.body as B, body),
    req,
    res,
  };
}
