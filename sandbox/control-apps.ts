import express, { type Router } from 'express';
import { installApp, mintToken, uninstallApp } from './apps.ts';
import * as schemas from './control-schemas.ts';
import { ControlError } from './errors.ts';
import type { Feed } from './feed.ts';
import { manifestSchema } from './manifest.ts';
import type { SandboxContext } from './methods/method.ts';
import { lookUp } from './store.ts';

/** What the owner of an app does in its settings, and the admin of a workspace with it. */
export function appControl({ workspace, hub }: SandboxContext, feed: Feed): Router {
  const router = express.Router();
  const changed = () => feed.announce({ kind: 'workspace' });

  router.post('/apps', (request, response) => {
    const { appId, botToken, appToken, botUserId, botId } = installApp(workspace, manifestSchema.parse(request.body));
    changed();
    response.json({ appId, botToken, appToken, botUserId, botId });
  });
  router.post('/apps/:app/tokens', (request, response) => {
    const { as, scopes } = schemas.tokenBody.parse(request.body);
    const token = as ? { personId: workspace.person(as).id } : { scopes };
    response.json({ token: mintToken(workspace, workspace.app(request.params.app), token) });
  });
  router.post('/apps/:app/scopes', (request, response) => {
    const { scopes } = schemas.scopesBody.parse(request.body);
    const app = { ...workspace.app(request.params.app), scopes };
    workspace.store.apps.putSync(app.appId, app);
    response.json({ scopes });
  });
  router.post('/apps/:app/socket-mode', (request, response) => {
    const { enabled } = schemas.enabledBody.parse(request.body);
    const app = { ...workspace.app(request.params.app), socketMode: enabled };
    workspace.store.apps.putSync(app.appId, app);
    if (!enabled) hub.disconnect('link_disabled', app.appId);
    response.json({ enabled });
  });
  router.post('/apps/:app/uninstall', (request, response) => {
    uninstallApp(workspace, workspace.app(request.params.app));
    changed();
    response.json({ ok: true });
  });
  router.post('/revoke', (request, response) => {
    const { token, error } = schemas.revokeBody.parse(request.body);
    const known = lookUp(workspace.store.tokens, token);
    if (!known) throw new ControlError(404, 'unknown_token', 'No app has that token.');
    workspace.store.tokens.putSync(token, { ...known, revoked: error });
    hub.unlink(token);
    response.json({ ok: true });
  });
  return router;
}
