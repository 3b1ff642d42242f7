/** The faults that a stub of a provider shows, by name: in its answers by share, in its connections by a fault proxy. */
import { Random } from '../../lib/random.mjs';

/** Bytes of an answer as the proxy sees them, about: head and body, whole and streamed in turn. */
const ANSWER_BYTES = 3_000;

/**
 * @typedef {object} FaultKind
 * @property {string} what in words
 * @property {number} [share] of the answers, and what is wrong with those
 * @property {import('./server.mjs').Fault} [answer]
 * @property {{ forMs: number, everyMs: number }} [throttle] all are sent away for a while, and told when to come back
 * @property {number} [answersABreak] answers of a connection before it breaks, in the mean, and how it does
 * @property {'fin' | 'reset' | 'stall'} [breakBy]
 * @property {boolean} [isDeadAmid] nobody answers in the middle third of the time
 */

/** @type {Record<string, FaultKind>} */
export const FAULTS = {
  none: { what: 'nothing' },
  resets: { what: 'connections reset amid 1 answer in 10', answersABreak: 10, breakBy: 'reset' },
  stalls: { what: 'connections silent amid 1 answer in 20', answersABreak: 20, breakBy: 'stall' },
  throttled: {
    what: '200 ms of each second 429, with the time to come back',
    throttle: { forMs: 200, everyMs: 1000 },
  },
  errors: { what: '10 % answered 500', share: 0.1, answer: { status: 500 } },
  cut: { what: '10 % of the answers end amid the text', share: 0.1, answer: { isCut: true } },
  late: { what: '5 % of the first bytes 1 s late', share: 0.05, answer: { lateMs: 1000 } },
  dead: { what: 'the middle third of the time nobody answers', isDeadAmid: true },
};

/** @type {readonly Partial<FaultKind>[]} What the answers of a soak run into, all at once. */
export const MIXED = [
  { throttle: { forMs: 100, everyMs: 5_000 } },
  { share: 0.02, answer: { status: 500 } },
  { share: 0.02, answer: { isCut: true } },
];

/**
 * The same faults in the same order each time.
 * @param {readonly Partial<FaultKind>[]} kinds
 * @param {number} seed
 * @returns {() => import('./server.mjs').Fault | undefined}
 */
export function drawFrom(kinds, seed) {
  const random = new Random(seed);
  return () => {
    let drawn = random.next();
    for (const { share = 0, answer, throttle } of kinds) {
      const leftMs = throttle === undefined ? 0 : throttle.forMs - (performance.now() % throttle.everyMs);
      if (leftMs > 0) return { status: 429, retryAfterMs: Math.ceil(leftMs) };
      if (drawn < share) return answer;
      drawn -= share;
    }
    return undefined;
  };
}

/**
 * The script of a fault proxy; undefined: connections are well.
 * @param {FaultKind} kind
 * @param {number} seed
 */
export function connectionScript({ answersABreak, breakBy }, seed) {
  if (answersABreak === undefined) return undefined;
  const random = new Random(seed);
  return () => {
    const afterBytes = Math.floor(2 * answersABreak * ANSWER_BYTES * random.next());
    return { toClient: { cut: { afterBytes, by: breakBy } } };
  };
}
