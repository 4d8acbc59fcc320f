import type { Request } from 'express';
import { parseJson } from '#shared/parse-json.ts';
import { isObject } from './blocks/rules.ts';
import { SlackError } from './errors.ts';
import type { Json } from './model.ts';

/** A Web API request taken apart. https://docs.slack.dev/apis/web-api/#basics */
export interface Asked {
  /** From query, form or JSON; a form's values are strings. The token is left out. */
  args: Json;
  token: string | undefined;
  /** What Slack found odd about the request and took all the same. */
  warnings: string[];
}

const ENCODINGS = new Set(['utf-8', 'utf8', 'iso-8859-1']);

/** @throws SlackError invalid_post_type, missing_post_type, invalid_charset, invalid_form_data, invalid_json, json_not_object */
export async function askedIn(request: Request, takes: { json?: false; headerToken?: true }): Promise<Asked> {
  const token = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
  const { token: _neverInQuery, ...query } = lastOf(new URL(request.url, 'http://sandbox').searchParams);
  const tokenOf = (inForm: string | undefined) => token ?? (takes.headerToken ? undefined : inForm);
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const sent = request.get('content-type') ?? '';
  if (body.length === 0) return { args: query, token, warnings: [] };
  if (!sent) throw new SlackError('missing_post_type');
  const type = sent.split(';')[0]!.trim().toLowerCase();
  const charset = /;\s*charset="?([^";\s]+)/i.exec(sent)?.[1]?.toLowerCase();
  if (charset && !ENCODINGS.has(charset)) throw new SlackError('invalid_charset');
  switch (type) {
    case 'application/json':
    case 'text/json': {
      // Methods that only read take forms; Slack does not look at a JSON body there, nor at a token in any.
      if (takes.json === false) return { args: query, token, warnings: charset ? ['superfluous_charset'] : [] };
      const { token: _onlyInHeader, ...given } = jsonOf(body);
      return { args: { ...query, ...given }, token, warnings: charset ? [] : ['missing_charset'] };
    }
    case 'application/x-www-form-urlencoded': {
      const { token: inForm, ...given } = lastOf(new URLSearchParams(body.toString()));
      const warnings = charset ? ['superfluous_charset'] : [];
      return { args: { ...query, ...given }, token: tokenOf(inForm), warnings };
    }
    case 'multipart/form-data': {
      const { token: inForm, ...given } = await multipart(body, sent);
      return { args: { ...query, ...given }, token: tokenOf(inForm), warnings: [] };
    }
    default:
      throw new SlackError('invalid_post_type');
  }
}

const lastOf = (values: Iterable<[string, string]>): Record<string, string> => Object.fromEntries(values);

function jsonOf(body: Buffer): Json {
  const value = parseJson(body.toString());
  if (value === undefined) throw new SlackError('invalid_json');
  if (!isObject(value)) throw new SlackError('json_not_object');
  return value;
}

async function multipart(body: Buffer, type: string): Promise<Record<string, string>> {
  try {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    return lastOf([...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    throw new SlackError('invalid_form_data');
  }
}
