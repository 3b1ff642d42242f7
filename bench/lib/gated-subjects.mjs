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
  /** Twins are the same thing.  @type {Map<string, string[]>} */
  const faultsOf = new Map();
  for (const name of names) {
    const plain = name.replace(/#.*/, '');
    const { policy } = subjectOf(name);
    if (policy !== undefined && !policies.includes(policy)) {
      gated.skipped.push({ subject: name, reason: `this build has no policy '${policy}'` });
      continue;
    }
    onProgress?.(`gate: ${name}`);
    const faults = faultsOf.get(plain) ?? (await measureOnce({ module: GATE, options: { subject: plain } })).faults;
    faultsOf.set(plain, faults);
    if (faults.length === 0) gated.subjects.push(name);
    else gated.faulty.push({ subject: name, reason: faults.join('; ') });
  }
  return gated;
}

/**
 * As gateSubjects, for a suite: says what is skipped, and a subject that answers wrongly ends the run.
 * @param {readonly string[]} names
 * @param {import('./suite.mjs').SuiteContext} context
 * @returns {Promise<string[]>}
 */
export async function gateForRun(names, context) {
  const gated = await gateSubjects(names, context.progress);
  for (const { subject, reason } of gated.skipped) context.print(`skipped: ${subject}: ${reason}`);
  if (gated.faulty.length > 0) throw new Error(gated.faulty.map((each) => `${each.subject}: ${each.reason}`).join('; '));
  return gated.subjects;
}
