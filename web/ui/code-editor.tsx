import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, drawSelection, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { invisible } from '#shared/safe-text.ts';
import { cspNonce } from '../util/csp-nonce.ts';
import { loadLanguage, type ScriptLanguage } from '../util/script-language.ts';
import classes from './code-editor.module.css';
import { codeTheme } from './code-theme.ts';

export interface CodeEditorProps {
  label: string;
  /** At first, and at each new `revision`; in between the editor has its own. */
  value: string;
  /** Counts up when the text comes from elsewhere, such as a file. */
  revision: number;
  onChange: (value: string) => void;
  language: ScriptLanguage | null;
  /** Ctrl-Enter, or Cmd-Enter. */
  onSubmit: () => void;
  /** Of a file that was dropped on it. */
  onFile: (file: File) => void;
  describedBy: string;
  invalid: boolean;
}

/** An editor for code. Tab indents; Escape and then Tab leaves it. Load it lazily: it is large. */
export default function CodeEditor(props: CodeEditorProps) {
  const { label, revision, language, describedBy, invalid } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  const grammar = useRef(new Compartment());
  const attributes = useRef(new Compartment());

  useEffect(() => {
    if (!place.current) return;
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          base,
          EditorView.cspNonce.of(cspNonce()),
          keymap.of([{ key: 'Mod-Enter', run: () => (latest.current.onSubmit(), true) }]),
          keymap.of([indentWithTab, ...defaultKeymap, ...historyKeymap]),
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) latest.current.onChange(state.sliceDoc());
          }),
          EditorView.domEventHandlers({
            beforeinput: replaceMarked,
            drop(event) {
              const file = event.dataTransfer?.files[0];
              if (!file) return false;
              event.preventDefault();
              latest.current.onFile(file);
              return true;
            },
          }),
          grammar.current.of([]),
          attributes.current.of(contentAttributes(latest.current)),
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);

  useEffect(() => {
    const editor = view.current;
    const { value } = latest.current;
    if (!editor || editor.state.sliceDoc() === value) return;
    // a change like any other, so that it can be undone
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: editor.state.toText(value) } });
  }, [revision]);

  useEffect(() => {
    view.current?.dispatch({
      effects: attributes.current.reconfigure(contentAttributes({ label, describedBy, invalid })),
    });
  }, [label, describedBy, invalid]);

  useEffect(() => {
    let wanted = true;
    const set = (extension: Extension) => {
      if (wanted) view.current?.dispatch({ effects: grammar.current.reconfigure(extension) });
    };
    // without its colours the text is what it is
    if (language === null) set([]);
    else loadLanguage(language).then(set, () => set([]));
    return () => {
      wanted = false;
    };
  }, [language]);

  return <div ref={place} className={classes.editor} data-invalid={invalid || undefined} />;
}

/** Left to itself the browser keeps the looks of what was marked, as a style attribute that the page's policy forbids. */
function replaceMarked(event: InputEvent, view: EditorView): boolean {
  const { state } = view;
  if (event.inputType !== 'insertText' || !event.data || view.composing || state.selection.main.empty) return false;
  event.preventDefault();
  view.dispatch(state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
  return true;
}

function contentAttributes({
  label,
  describedBy,
  invalid,
}: Pick<CodeEditorProps, 'label' | 'describedBy' | 'invalid'>) {
  return EditorView.contentAttributes.of({
    'aria-label': label,
    'aria-describedby': describedBy,
    ...(invalid && { 'aria-invalid': 'true' }),
    autocapitalize: 'off',
    autocorrect: 'off',
    spellcheck: 'false',
  });
}

const base: Extension = [
  lineNumbers(),
  history(),
  drawSelection(),
  bracketMatching(),
  indentOnInput(),
  indentUnit.of('  '),
  EditorState.tabSize.of(4),
  EditorView.lineWrapping,
  // a carriage return stays what it is, and shows; what is pasted has none
  EditorState.lineSeparator.of('\n'),
  EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, '\n')),
  highlightSpecialChars({ specialChars: new RegExp(invisible.source, invisible.flags), render: hiddenMark }),
  codeTheme,
];

function hiddenMark(code: number): HTMLElement {
  const mark = document.createElement('span');
  mark.textContent = `\\u{${code.toString(16)}}`;
  mark.title = 'A character that would not be visible';
  mark.className = 'cm-hidden';
  return mark;
}
