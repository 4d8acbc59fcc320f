import classes from './text.module.css';
import { VisibleText } from './visible-text.tsx';

/** Arguments one by one, so that it shows where each begins and ends. */
export function Argv({ values, label }: { values: string[]; label: string }) {
  return (
    <ol className={classes.tokens} aria-label={label}>
      {values.map((value, at) => (
        <li key={at} className={classes.token}>
          {value === '' ? <span title="An empty argument">&apos;&apos;</span> : <VisibleText>{value}</VisibleText>}
        </li>
      ))}
    </ol>
  );
}
