import type { Channel, Person, Team } from './model.ts';
import type { Store } from './store.ts';

const TEAM: Team = { id: 'T0SANDBOX0', name: 'Sandbox', domain: 'sandbox' };

const PEOPLE: Person[] = [
  { id: 'U0ALICE001', name: 'alice', realName: 'Alice Archer' },
  { id: 'U0BOB00002', name: 'bob', realName: 'Bob Becker' },
  { id: 'U0CAROL003', name: 'carol', realName: 'Carol Castro' },
  { id: 'U0DAVE0004', name: 'dave', realName: 'Dave Dunn' },
];
const [ALICE, BOB, CAROL, DAVE] = PEOPLE.map((person) => person.id) as [string, string, string, string];

const open = { isPrivate: false, isArchived: false };
const CHANNELS: Channel[] = [
  { ...open, id: 'C0GENERAL1', name: 'general', members: [ALICE, BOB, CAROL, DAVE] },
  { ...open, id: 'C0OPS00002', name: 'ops', members: [ALICE, BOB, CAROL, DAVE] },
  { ...open, id: 'C0SRE00003', name: 'sre', members: [ALICE, BOB, CAROL] },
  { ...open, id: 'C0SECRET04', name: 'secret-ops', isPrivate: true, members: [BOB, CAROL] },
  { ...open, id: 'C0ARCHIVE5', name: 'old-ops', isArchived: true, members: [ALICE, BOB] },
];

/** Slack's own bot, which speaks where the client would: prompts and "did not respond". */
export const SLACKBOT = { id: 'USLACKBOT', name: 'Slackbot' };

/** Fills a new data folder; one that has a team already is left as it is. */
export function seed(store: Store): void {
  if (store.team()) return;
  store.transaction(() => {
    store.setTeam(TEAM);
    for (const person of PEOPLE) store.people.putSync(person.id, person);
    for (const channel of CHANNELS) store.channels.putSync(channel.id, channel);
  });
}
