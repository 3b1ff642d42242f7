/** Job: puts one subject through the gate. In a process of its own, since the gate's small caches would colour its code. */
import { findFaults } from './gate.mjs';
import { subjectOf } from './subjects/subject.mjs';

/** @param {{ subject: string }} options */
export async function prepare({ subject }) {
  return { round: async () => ({ faults: await findFaults(subjectOf(subject)) }) };
}
