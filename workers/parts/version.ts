/** The version of hoop, fixed when the process is bundled. */
import manifest from '../../package.json' with { type: 'json' };

export const version: string = manifest.version;
