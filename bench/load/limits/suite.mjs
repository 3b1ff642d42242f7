/**
 * Suite `limits`: 10,000 calls at once over 1,000 connections, whole and streamed; rate limits under more load than they
 * allow, counted at the provider; the bytes that a client takes; and how long the loop stands still for a long prompt.
 */
import { printTables } from '../lib/tables.mjs';
import { measureFlight } from './flight.mjs';
import { measureFootprint } from './footprint.mjs';
import { judgeLimits } from './goals.mjs';
import { assertOpenFiles } from './open-files.mjs';
import { measurePrompts } from './prompts.mjs';
import { measureRates } from './rates.mjs';
import { limitTables } from './tables.mjs';

const EFFORT = {
  full: { calls: 10_000, connections: 1_000, ratesMs: 130_000, clients: 100, promptCalls: 15 },
  quick: { calls: 10_000, connections: 1_000, ratesMs: 65_000, clients: 100, promptCalls: 7 },
  smoke: { calls: 200, connections: 20, ratesMs: 400, clients: 5, promptCalls: 1 },
};

/**
 * @typedef {object} LimitsData
 * @property {import('./flight.mjs').Flight[]} flights
 * @property {import('./rates.mjs').Rate[]} rates
 * @property {import('./footprint.mjs').Footprint[]} footprints
 * @property {import('./prompts.mjs').PromptStops[]} prompts
 */

/** @typedef {(effort: (typeof EFFORT)['full'], signal: AbortSignal, progress: (text: string) => void) => Promise<Partial<LimitsData>>} Part */

/** @type {Record<string, Part>} */
const PARTS = {
  calls: async (effort, signal) => ({ flights: [await measureFlight('whole', effort, signal)] }),
  streams: async (effort, signal) => ({ flights: [await measureFlight('streams', effort, signal)] }),
  rates: async (...all) => ({ rates: await measureRates(...all) }),
  footprint: async (effort, signal) => ({ footprints: [await measureFootprint(effort, signal)] }),
  prompts: async (effort, signal) => ({ prompts: await measurePrompts(effort, signal) }),
};

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'limits',
  title: 'calls at once, connections, rates, long prompts: what holds at the limit',
  minutes: { full: 3, quick: 2 },
  async run(context) {
    const { scale, wanted, signal, progress } = context;
    const effort = EFFORT[scale];
    const names = wanted.workloads ?? Object.keys(PARTS);
    assertOpenFiles(effort.connections);
    /** @type {LimitsData} */
    const data = { flights: [], rates: [], footprints: [], prompts: [] };
    let done = 0;
    try {
      for (const name of names) {
        const measure = PARTS[name];
        if (measure === undefined)
          throw new Error(`part '${name}' is unknown; known: ${Object.keys(PARTS).join(', ')}`);
        progress(`limits: ${name}`);
        const { flights = [], rates = [], footprints = [], prompts = [] } = await measure(effort, signal, progress);
        data.flights.push(...flights);
        data.rates.push(...rates);
        data.footprints.push(...footprints);
        data.prompts.push(...prompts);
        done++;
      }
    } finally {
      printTables(context, limitTables(data), `${done} of ${names.length} parts`);
    }
    return { nulls: [], verdicts: judgeLimits(data), data };
  },
};
