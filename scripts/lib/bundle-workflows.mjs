import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The workflows of `root` as one script with its source map inside. Names in it are relative to the sources: it is the
 * same wherever it is built, as it is part of the build's id.
 */
export async function bundleWorkflows(root) {
  const { DefaultLogger, bundleWorkflowCode } = await import('@temporalio/worker');
  const payloadConverterPath = join(root, 'workflows/payload-converter.ts');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows/index.ts'),
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: (config) => ({ ...config, context: root }),
    ...(existsSync(payloadConverterPath) ? { payloadConverterPath } : {}),
  });
  return code;
}

/** The same with a map of nothing: a worker wants one, and a real one names folders of this machine. */
export function withoutSourceMap(code) {
  const empty = { version: 3, file: 'workflow-bundle.js', sources: [], names: [], mappings: '' };
  const map = Buffer.from(JSON.stringify(empty)).toString('base64');
  const at = code.lastIndexOf('//# sourceMappingURL=');
  return `${code.slice(0, at)}//# sourceMappingURL=data:application/json;base64,${map}\n`;
}
