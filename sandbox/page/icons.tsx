export const Hash = () => <span aria-hidden>#</span>;

export function Lock() {
  return (
    <svg viewBox="0 0 16 16" width="13" height="13" role="img" aria-label="private">
      <rect x="2.5" y="7" width="11" height="7.5" rx="1.5" fill="currentColor" />
      <path d="M5 7V4.8a3 3 0 0 1 6 0V7" fill="none" stroke="currentColor" strokeWidth="1.6" />
    </svg>
  );
}

export function AppSign() {
  return (
    <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden>
      <rect x="2" y="4" width="12" height="9" rx="2.5" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M8 4V1.5M5.5 8v1.5M10.5 8v1.5" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
    </svg>
  );
}

export function NewTab() {
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden>
      <path
        d="M6.5 3H3.5v9.5H13V9.5M9.5 2.5h4v4M13 3 7.5 8.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

export function Columns() {
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden>
      <rect x="2" y="3" width="12" height="10" rx="1.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M8 3v10" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}

export function Send() {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden>
      <path d="M2 2.2 14.5 8 2 13.8 3.4 9 9 8 3.4 7z" fill="currentColor" />
    </svg>
  );
}
