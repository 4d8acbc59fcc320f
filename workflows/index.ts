/** The workflows of the bundle. */
export { sessionReview } from './session-review.ts';
