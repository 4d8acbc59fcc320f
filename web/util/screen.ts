/** Where tables become cards; as `sm` of Mantine's breakpoints. */
export const phoneWidth = '(max-width: 48em)';
