/** How code looks in the editor, in light pages and dark ones; each colour can be read on the ground it is on. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Extension } from '@codemirror/state';

const both = (light: string, dark: string): string => `light-dark(${light}, ${dark})`;
const muted = both('var(--mantine-color-gray-7)', 'var(--mantine-color-dark-2)');

const look = EditorView.theme({
  '&': { fontSize: 'var(--mantine-font-size-sm)', maxHeight: '60vh', color: 'var(--mantine-color-text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.5', overflow: 'auto' },
  '.cm-content': { minHeight: '11rem', padding: '8px 0', caretColor: 'var(--mantine-color-text)' },
  '.cm-gutters': {
    color: muted,
    backgroundColor: both('var(--mantine-color-gray-0)', 'var(--mantine-color-dark-7)'),
    borderRight: `1px solid ${both('var(--mantine-color-gray-3)', 'var(--mantine-color-dark-5)')}`,
  },
  '.cm-gutter.cm-lineNumbers': { minWidth: '2.2rem', minHeight: '11rem', padding: '0' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: both('#cfe0fc', '#2f4f7f'),
  },
  '.cm-matchingBracket': { backgroundColor: both('#d3f1df', '#1d4a35'), outline: 'none' },
  '.cm-nonmatchingBracket': { backgroundColor: both('#fbdcdc', '#5a2424') },
  '.cm-hidden': {
    padding: '0 2px',
    fontWeight: '600',
    color: both('var(--mantine-color-red-9)', 'var(--mantine-color-red-2)'),
    backgroundColor: both('var(--mantine-color-red-1)', 'var(--mantine-color-red-9)'),
    borderRadius: '2px',
  },
});

const colors = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: both('#7b2f9e', '#d2a8ff') },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: both('#0a5c2b', '#7ee787') },
  { tag: tags.comment, color: muted, fontStyle: 'italic' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: both('#8a3b00', '#ffb77c') },
  { tag: [tags.definition(tags.variableName), tags.attributeName], color: both('#0550ae', '#79c0ff') },
  { tag: [tags.standard(tags.name), tags.function(tags.variableName)], color: both('#0a3fa8', '#a5d6ff') },
  { tag: [tags.typeName, tags.className], color: both('#0b6170', '#56d4dd') },
  { tag: tags.invalid, color: 'var(--mantine-color-error)' },
]);

export const codeTheme: Extension = [look, syntaxHighlighting(colors)];
