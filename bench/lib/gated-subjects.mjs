/** Chooses the subjects that may be measured: those the build knows and that answer rightly. Says why others may not. */
import { measureOnce } from './measured-process.mjs';
import { availablePolicies } from './subjects/sherd.mjs';
import { subjectOf } from './subjects/subject.mjs';

const GATE = new URL('./subject-gate-job.mjs', import.meta.url);

/**
 * @typedef {object} Gated
 * @property {string[]} subjects in the given order
 * @property {{ subject: string, reason: string }[]} skipped the build lacks them: no fault
 * @property {{ subject: string, reason: string }[]} faulty they answered wrongly
 */

/**
 * @param {readonly string[]} names
 * @param {(text: string) => void} [onProgress]
 * @returns {Promise<Gated>}
 */
export async function gateSubjects(names, onProgress) {
  const policies = await availablePolicies();
  /** @type {Gated} */
  const gated = { subjects: [], skipped: [], faulty: [] };
  for (const name of names) {
    const { policy } = subjectOf(name);
    if (policy !== undefined && !policies.includes(policy)) {
      gated.skipped.push({ subject: name, reason: `this build has no policy '${policy}'` });
      continue;
    }
    onProgress?.(`gate: ${name}`);
    const { faults } = await measureOnce({ module: GATE, options: { subject: name } });
    if (faults.length === 0) gated.subjects.push(name);
    else gated.faulty.push({ subject: name, reason: faults.join('; ') });
  }
  return gated;
}
