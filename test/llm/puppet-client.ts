/** A client on a fake clock whose provider is a puppet; closed when the test ends. */
import { afterEach } from 'vitest';
import {
  type Client,
  type ClientOption,
  createClient,
  type Message,
  userMessage,
  withClock,
  withModel,
  withProvider,
  withSeed,
} from '../../src/llm/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { createPuppet, type Play, type Puppet } from './puppet.js';

export const question: readonly Message[] = [userMessage('why?')];
const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

export function setUp(
  play: Play,
  ...options: readonly ClientOption[]
): { client: Client; puppet: Puppet; clock: FakeClock } {
  const clock = createFakeClock();
  const puppet = createPuppet(play);
  const client = createClient(withProvider(puppet), withModel('m'), withClock(clock), withSeed(1), ...options);
  clients.push(client);
  return { client, puppet, clock };
}
