/** Temporal search attributes of `sessionReview`, for operators; registered by the worker at its start. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

export const searchAttributes = {
  connection: defineSearchAttributeKey('HoopConnection', SearchAttributeType.KEYWORD),
  requester: defineSearchAttributeKey('HoopRequester', SearchAttributeType.KEYWORD),
  state: defineSearchAttributeKey('HoopState', SearchAttributeType.KEYWORD),
  /** Groups that still have to approve. */
  groupsAsked: defineSearchAttributeKey('HoopGroupsAsked', SearchAttributeType.KEYWORD_LIST),
};
