import { Dialog } from '../dialog.tsx';
import { plainOf, Text } from '../text/text-object.tsx';

export interface ConfirmText {
  title: unknown;
  text: unknown;
  confirm: unknown;
  deny: unknown;
  style?: string;
}

/** Slack's "are you sure", when an element asks for it. */
export function Confirm({ text, onConfirm, onDeny }: { text: ConfirmText; onConfirm: () => void; onDeny: () => void }) {
  return (
    <Dialog className="modal small" label={plainOf(text.title)} onClose={onDeny}>
      <header>
        <h2>{plainOf(text.title)}</h2>
      </header>
      <div className="modal-body">
        <Text value={text.text} />
      </div>
      <footer>
        <button type="button" className="button" onClick={onDeny}>
          {plainOf(text.deny)}
        </button>
        <button type="button" className={`button ${text.style ?? 'primary'}`} autoFocus onClick={onConfirm}>
          {plainOf(text.confirm)}
        </button>
      </footer>
    </Dialog>
  );
}
