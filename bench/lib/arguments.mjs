/** The command line of the bench. */
import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run bench -- [suite...] [options]

Measures sherd and its rivals, prints goal, measured figure and verdict, stores the result in bench/results/.
A full run of all suites takes about three quarters of an hour on two idle cores; it says so first, and then how much is left.
The suites saturation, soak, failures and limits put the client under load: npm run load:NAME, or by name here.

  --quick             the same questions to fewer subjects: a few minutes a suite at most
  --smoke             only shows that everything runs: a few seconds a suite
  --suite NAMES       suites, comma separated; the same as naming them
  --subjects NAMES    e.g. map,lru-cache+ttl,sherd,sherd+no-ttl,sherd+sieve; yardsticks are added;
                      of costs: features; of hit-ratio: policies; of saturation: unlimited, limited, tight;
                      of failures: undici, timeouts, retry, breaker, hedge, fallback
  --workloads NAMES   of the suite speed: get-same, get-fresh, miss-fresh, update-same, update-fresh, set-evict, zipf;
                      of gates: read-heavy, write-heavy, bursty, memory-constrained; of tuning: parts of scenario names;
                      of llm: unary, burst, paced, unary-anthropic, burst-anthropic, paced-anthropic,
                      bytes, hit, import, identical;
                      of effects: latency, use-cases, tiered;
                      of failures: none, resets, stalls, throttled, errors, cut, late, dead; of limits: calls, streams, rates,
                      footprint
  --sizes NUMBERS     e.g. 10000,1000000
  --shapes NAMES      of keys: random, user, url, hash, digits, uuid, prompt; of the suite keys also
                      document, one-place, unread, shifting, taught, sparse, high-bit, fnv-1a,
                      any-seed
  --launches N        processes a subject is measured in
  --rounds N          rounds in each of them
  --minutes N         of soak
  --strict            exit code 1 also when a goal is missed
  --help

SHERD_DIST=/path/to/dist measures another build; SHERD_BASE=/path/to/dist puts a second one beside it.
SHERD_TRACES=/path/to/traces holds the traces of hit-ratio (default: shared/traces beside the checkout).
Exit code: 0 measured, also when goals are missed; 1 error; 2 a null comparison voids the run; 130 interrupted.`;

/**
 * @typedef {object} Wanted
 * @property {boolean} isHelp
 * @property {string[]} suites
 * @property {import('./suite.mjs').Scale} scale
 * @property {boolean} isStrict
 * @property {import('./suite.mjs').SuiteContext['wanted']} filters
 */

/**
 * @param {string[]} args
 * @param {Record<string, unknown>} suites those that run when none is named
 * @param {Record<string, unknown>} [more] those that only run by name
 * @returns {Wanted}
 */
export function readArguments(args, suites, more = {}) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      quick: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      suite: { type: 'string', multiple: true, default: [] },
      subjects: { type: 'string' },
      workloads: { type: 'string' },
      sizes: { type: 'string' },
      shapes: { type: 'string' },
      launches: { type: 'string' },
      rounds: { type: 'string' },
      minutes: { type: 'string' },
    },
  });
  const named = [...positionals, ...values.suite.flatMap(words)];
  const known = Object.keys({ ...suites, ...more });
  const unknown = named.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`suite '${unknown}' is unknown; known: ${known.join(', ')}`);
  return {
    isHelp: values.help,
    suites: named.length > 0 ? named : Object.keys(suites),
    scale: values.smoke ? 'smoke' : values.quick ? 'quick' : 'full',
    isStrict: values.strict,
    filters: {
      ...(values.subjects === undefined ? {} : { subjects: words(values.subjects) }),
      ...(values.workloads === undefined ? {} : { workloads: words(values.workloads) }),
      ...(values.shapes === undefined ? {} : { shapes: words(values.shapes) }),
      ...(values.sizes === undefined ? {} : { sizes: words(values.sizes).map(count) }),
      ...(values.launches === undefined ? {} : { launches: count(values.launches) }),
      ...(values.rounds === undefined ? {} : { rounds: count(values.rounds) }),
      ...(values.minutes === undefined ? {} : { minutes: count(values.minutes) }),
    },
  };
}

/** @param {string} list */
function words(list) {
  return list.split(',').filter((word) => word !== '');
}

/** @param {string} text */
function count(text) {
  const number = Number(text.replaceAll('_', ''));
  if (!Number.isInteger(number) || number < 1) throw new Error(`expected a whole number from 1, got '${text}'`);
  return number;
}
