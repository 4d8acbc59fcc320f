import type { ReviewCount } from '#shared/review-list-schemas.ts';

/** `3`, or `100+` where nobody counted on. */
export const countText = ({ waiting, more }: ReviewCount): string => `${waiting}${more ? '+' : ''}`;
