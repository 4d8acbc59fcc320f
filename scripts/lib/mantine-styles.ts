/**
 * Each component of Mantine brings its own style sheet, into the chunk where the component is, in place of one sheet
 * with all of them on the first load. In a CSS layer: whatever comes first, the console's own classes win.
 */
import type { Plugin } from 'vite';

const classNames = /@mantine\/core\/esm\/(?:components|utils)\/.*\/(\w+)\.module\.mjs$/;

export function mantineStyles(): Plugin {
  return {
    name: 'mantine-styles',
    transform(code, id) {
      const component = classNames.exec(id)?.[1];
      if (component === undefined) return null;
      return { code: `import '@mantine/core/styles/${component}.layer.css';\n${code}`, map: null };
    },
  };
}
