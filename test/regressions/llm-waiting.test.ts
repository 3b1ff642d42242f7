/** Found by the simulator: calls that waited in line were sent although the circuit had opened while they waited. */
import { expect, test } from 'vitest';
import {
  createClient,
  userMessage,
  withAdaptiveConcurrency,
  withCircuitBreaker,
  withClock,
  withModel,
  withProvider,
  withQueue,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';
import { rejection } from '../llm/puppet.js';

test('who waited for a place while the circuit opened is refused, gives the place back, and is no second probe', async () => {
  const clock = createFakeClock();
  const down = { firstMs: 100, fault: { kind: 'status', status: 500 } } as const;
  const provider = createScriptedProvider({ clock, answers: [down, { text: 'well again', firstMs: 100 }] });
  const client = createClient(
    withProvider(provider),
    withModel('m'),
    withClock(clock),
    withCircuitBreaker({ failureThreshold: 1, successThreshold: 1, resetTimeout: 1_000 }),
    withAdaptiveConcurrency({ min: 1, initial: 1, max: 1 }),
    withQueue({ maxSize: 10 }),
  );
  const ask = (text: string) => client.chat([userMessage(text)]);
  const first = rejection(ask('first'));
  const waiting = [rejection(ask('second')), rejection(ask('third'))];
  await clock.advanceAsync(100);
  expect(await first).toMatchObject({ code: 'ERR_PROVIDER_STATUS' });
  for (const refused of waiting) expect(await refused).toMatchObject({ code: 'ERR_CIRCUIT_OPEN' });
  expect(provider.stats().calls).toBe(1);
  await clock.advanceAsync(1_000);
  const probe = ask('fourth');
  await clock.advanceAsync(100);
  expect((await probe).text).toBe('well again');
  await client.close();
  expect(clock.pendingTimers).toBe(0);
});
