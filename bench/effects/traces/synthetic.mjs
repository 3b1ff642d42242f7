/**
 * A trace made up by a seed, for machines without the real ones: requests by Zipf's law over a key set that slowly moves
 * on, with a scan over new keys now and then. It shows that the command works, and is no evidence for anything.
 */
import { Zipf } from '../../lib/keys/zipf.mjs';
import { Random } from '../../lib/random.mjs';
import { traceOf } from './decode.mjs';

const KEYS = 2_000;
const EXPONENT = 0.9;
/** Accesses between two scans, and their length. */
const SCAN_EVERY = 5_000;
const SCAN_LENGTH = 500;
/** Accesses after which the key set has moved on by one key. */
const DRIFT_EVERY = 50;

/** @param {number} length in accesses */
export function syntheticTrace(length) {
  return traceOf(accesses(length));
}

/** @param {number} length */
function* accesses(length) {
  const random = new Random(1);
  const ranks = new Zipf(KEYS, EXPONENT);
  let scanned = 0;
  for (let i = 0; i < length; i++) {
    const isScan = i % SCAN_EVERY < SCAN_LENGTH && i >= SCAN_EVERY;
    yield isScan ? `scan:${scanned++}` : `key:${ranks.rank(random.next()) + Math.floor(i / DRIFT_EVERY)}`;
  }
}
