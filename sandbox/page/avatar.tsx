const COLOURS = ['#8b5a2b', '#2f6f73', '#6b4a8a', '#a0473c', '#3d6b35', '#3a5a92'];

/** Initials on a colour that stays with the person. */
export function Avatar({ name, id, bot = false }: { name: string; id: string; bot?: boolean }) {
  const sum = [...id].reduce((total, letter) => (total * 37 + letter.charCodeAt(0)) % 9973, 0);
  const initials = name
    .split(/\s+/)
    .map((part) => part[0])
    .join('')
    .slice(0, 2)
    .toUpperCase();
  return (
    <span className={`avatar ${bot ? 'bot' : ''}`} style={{ background: COLOURS[sum % COLOURS.length] }} aria-hidden>
      {initials}
    </span>
  );
}
