import type { ReactNode } from 'react';
import classes from './data-table.module.css';

interface Props {
  /** What the rows are, for screen readers. */
  label: string;
  headings: string[];
  children: ReactNode;
}

/** Rows under headings; where there is no room for columns each row is a card whose values have their headings. */
export function DataTable({ label, headings, children }: Props) {
  return (
    <table className={classes.table} aria-label={label}>
      <thead>
        <tr>
          {headings.map((heading) => (
            <th key={heading} scope="col">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

interface CellProps {
  heading: string;
  /** `main` is what the row is about; `short` is never broken into lines where there are columns, and `name` only where it is very long. */
  kind?: 'main' | 'short' | 'name' | 'plain';
  children: ReactNode;
}

/** A value under its heading. */
export function Cell({ heading, kind = 'plain', children }: CellProps) {
  return (
    <td data-heading={heading} className={classes[kind]}>
      <div>{children}</div>
    </td>
  );
}
