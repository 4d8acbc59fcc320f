import type { Json } from '../../model.ts';
import { RichText } from '../text/rich-text.tsx';

/** Rows and columns; too wide ones scroll in their place. https://docs.slack.dev/reference/block-kit/blocks/table-block */
export function Table({ rows }: { rows: Json[][] }) {
  return (
    <div className="table" tabIndex={0} role="region" aria-label="Table">
      <table>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => {
                const content =
                  cell.type === 'rich_text' ? <RichText elements={cell.elements} /> : String(cell.text ?? '');
                return index === 0 ? (
                  <th key={column} scope="col">
                    {content}
                  </th>
                ) : (
                  <td key={column}>{content}</td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
