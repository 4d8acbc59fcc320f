/** How a grant of connect ended, in sentences for people. */
export const sessionEndText = {
  over: 'Its time was over.',
  givenBack: 'Who asked gave it back.',
  lost: 'The agent did not say that what ran under it has ended.',
  extended: (until: Date): string =>
    `Extended the grant until ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
} as const;
