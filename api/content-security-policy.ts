/**
 * What a browser may do with what the gateway sends: the console runs its own files and nothing else.
 *
 * Components that write style elements (Mantine, CodeMirror, xterm) put the nonce of their page on them. Style
 * attributes are set through the DOM, which no policy is asked about. With trusted types even a string that reaches
 * `innerHTML` is refused unless web/strict-policy.ts lets it pass.
 */
export interface PolicyOptions {
  /** Where people open the console. */
  publicUrl: string;
  /** Of one answer; only the page has one. */
  nonce?: string;
}

export function contentSecurityPolicy({ publicUrl, nonce }: PolicyOptions): string {
  const directives = {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'", ...(nonce === undefined ? [] : [`'nonce-${nonce}'`])],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    // 'self' covers WebSockets too, except in Safari before 15.4.
    'connect-src': ["'self'", webSocketOrigin(publicUrl)],
    'manifest-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
    'require-trusted-types-for': ["'script'"],
    'trusted-types': ['default'],
  };
  return Object.entries(directives)
    .map(([name, values]) => [name, ...values].join(' '))
    .join('; ');
}

function webSocketOrigin(publicUrl: string): string {
  const { protocol, host } = new URL(publicUrl);
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`;
}
