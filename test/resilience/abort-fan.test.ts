import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Canceller } from '../../src/core/cancel.js';
import { linkAbort } from '../../src/resilience/abort.js';
import { fc } from '../support/property.js';

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('links to a signal', () => {
  test('share one listener, which goes with the last of them', () => {
    const { signal } = new AbortController();
    const unlinkers = Array.from({ length: 50 }, () => linkAbort(signal, new Canceller()));
    expect(listenersOf(signal)).toBe(1);
    for (const unlink of unlinkers) unlink();
    expect(listenersOf(signal)).toBe(0);
    linkAbort(signal, new Canceller());
    expect(listenersOf(signal)).toBe(1);
  });

  test('made after the abort end at once, without one the caller ends nothing', () => {
    const [late, free] = [new Canceller(), new Canceller()];
    linkAbort(AbortSignal.abort('over'), late);
    linkAbort(undefined, free)();
    expect([late.reason, free.aborted]).toEqual(['over', false]);
  });

  test('one of them may be undone while the others are told', () => {
    const parent = new AbortController();
    const [first, second, third] = [new Canceller(), new Canceller(), new Canceller()];
    let unlinkSecond = (): void => {};
    first.addEventListener('abort', () => unlinkSecond());
    linkAbort(parent.signal, first);
    unlinkSecond = linkAbort(parent.signal, second);
    linkAbort(parent.signal, third);
    parent.abort('enough');
    expect([first.aborted, second.aborted, third.aborted]).toEqual([true, false, true]);
    expect(listenersOf(parent.signal)).toBe(0);
  });

  test('in any order of linking, unlinking and aborting, exactly those still linked are told', () => {
    const step = fc.record({ kind: fc.constantFrom('link', 'unlink', 'abort'), parent: fc.nat(2), who: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const parents = [0, 1, 2].map(() => new AbortController());
        const made: {
          readonly parent: number;
          readonly child: Canceller;
          readonly unlink: () => void;
          told: boolean;
          linked: boolean;
        }[] = [];
        for (const { kind, parent, who } of steps) {
          const controller = parents[parent] as AbortController;
          if (kind === 'link') {
            const child = new Canceller();
            const unlink = linkAbort(controller.signal, child);
            made.push({ parent, child, unlink, told: controller.signal.aborted, linked: !controller.signal.aborted });
          } else if (kind === 'unlink') {
            const one = made[who];
            one?.unlink();
            if (one !== undefined) one.linked = false;
          } else if (!controller.signal.aborted) {
            controller.abort(parent);
            for (const one of made) {
              if (one.parent !== parent || !one.linked) continue;
              one.told = true;
              one.linked = false;
            }
          }
        }
        for (const { child, told } of made) expect(child.aborted).toBe(told);
        parents.forEach(({ signal }, parent) => {
          expect(listenersOf(signal)).toBe(made.some((one) => one.parent === parent && one.linked) ? 1 : 0);
        });
      }),
    );
  });
});
