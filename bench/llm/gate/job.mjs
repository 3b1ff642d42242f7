/** Job: puts one subject through the gate, whole and streamed at each pace. */
import { makeQuestion } from '../questions.mjs';
import { llmSubjectOf } from '../subjects/subjects.mjs';
import { findFault } from './faults.mjs';

/** @typedef {import('../stub/wire.mjs').Format} Format */

/** @type {readonly { pace: string, verb: 'ask' | 'stream' }[]} */
const WAYS = [
  { pace: 'burst', verb: 'ask' },
  { pace: 'burst', verb: 'stream' },
  { pace: 'paced', verb: 'stream' },
];

/** @param {{ subject: string, format: Format, origin: string }} options */
export async function prepare({ subject, format, origin }) {
  return { round: async () => ({ faults: await findFaults({ subject, format, origin }) }) };
}

/**
 * @param {{ subject: string, format: Format, origin: string }} options
 * @returns {Promise<string[]>}
 */
async function findFaults({ subject, format, origin }) {
  const faults = [];
  for (const [id, { pace, verb }] of WAYS.entries()) {
    const caller = await llmSubjectOf(subject).create({ endpoint: `${origin}/${pace}`, format });
    const fault = findFault(await caller[verb](makeQuestion(id)), format);
    if (fault !== undefined) faults.push(`${verb}, ${pace}: ${fault}`);
  }
  return faults;
}
