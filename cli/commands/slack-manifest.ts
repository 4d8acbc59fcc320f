import manifest from '../../slack/manifest.json';
import { printJson } from '../output.ts';

export async function slackManifestCommand(): Promise<void> {
  printJson(manifest);
}
