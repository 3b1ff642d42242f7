/** The settings of a run as they are told: what all clients have in common once, then what each has of its own. */
import { type DemoEvent, eventsOf, type Setting } from './events.js';

export interface SettingGroup {
  readonly subject: string;
  readonly settings: readonly Setting[];
}

/** How the subjects of clients begin. */
export const CLIENT_SUBJECT = 'client for ';
const EVERY_CLIENT = 'every client';

export function settingGroups(events: readonly DemoEvent[]): readonly SettingGroup[] {
  const settings = eventsOf(events, 'setting');
  const ofClients = settings.filter(({ subject }) => subject.startsWith(CLIENT_SUBJECT));
  const clients = new Set(ofClients.map(({ subject }) => subject));
  const owners = new Map<string, number>();
  for (const setting of ofClients) owners.set(storyOf(setting), (owners.get(storyOf(setting)) ?? 0) + 1);
  const isCommon = (setting: Setting): boolean =>
    clients.has(setting.subject) && owners.get(storyOf(setting)) === clients.size;

  const groups = new Map<string, Map<string, Setting>>();
  for (const setting of settings) {
    const subject = isCommon(setting) ? EVERY_CLIENT : setting.subject;
    const group = groups.get(subject) ?? new Map<string, Setting>();
    groups.set(subject, group.set(storyOf(setting), setting));
  }
  return [...groups].map(([subject, group]) => ({ subject, settings: [...group.values()] }));
}

/** All of a setting but whose it is. */
function storyOf({ key, value, setBy, shadowed }: Setting): string {
  return JSON.stringify([key, value, setBy, shadowed]);
}
