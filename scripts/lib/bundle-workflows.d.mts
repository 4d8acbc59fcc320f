export function bundleWorkflows(root: string): Promise<string>;
export function withoutSourceMap(code: string): string;
