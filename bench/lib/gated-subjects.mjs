/** Chooses the subjects that may be measured: those the build knows and that answer rightly. */
import { measureOnce } from './measured-process.mjs';
import { availablePolicies } from './subjects/sherd.mjs';
import { subjectOf } from './subjects/subject.mjs';

const GATE = new URL('./subject-gate-job.mjs', import.meta.url);

/**
 * Those of `names` that may be measured, in their order. Says which the build lacks; one that answers wrongly ends the run.
 * @param {readonly string[]} names
 * @param {import('./suite.mjs').SuiteContext} context
 * @returns {Promise<string[]>}
 */
export async function gateForRun(names, context) {
  const policies = await availablePolicies();
  const isKnown = (/** @type {string | undefined} */ policy) => policy === undefined || policies.includes(policy);
  const known = names.filter((name) => isKnown(subjectOf(name).policy));
  for (const name of names.filter((each) => !known.includes(each))) {
    context.print(`skipped: ${name}: this build has no policy '${subjectOf(name).policy}'`);
  }
  // Twins are the same thing.
  for (const subject of new Set(known.map((name) => name.replace(/#.*/, '')))) {
    context.signal.throwIfAborted();
    context.progress(`gate: ${subject}`);
    const { faults } = await measureOnce({ module: GATE, options: { subject } });
    if (faults.length > 0) throw new Error(`${subject} answers wrongly and is not measured: ${faults.join('; ')}`);
  }
  return known;
}
