/**
 * Suite `effects`: the guide's latency optimisations, use cases and tiers, over scripted models of stated speed, in a time
 * that moves only while something waits. No time is measured, so there is nothing to compare with itself: what is stated
 * and what the client does decide every figure, on every machine.
 */
import { loadEntry } from '../../lib/subjects/sherd.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { judgeOptimisations, judgeTiered, judgeUseCases } from './goals.mjs';
import { OPTIMISATIONS, runOptimisation } from './optimisations.mjs';
import { LATENCY, SPEED_OF_TIER, SPEEDS, TIERED } from './stated.mjs';
import { modelTable, optimisationTable, recipeTable, tieredTable, useCaseTable } from './tables.mjs';
import { GUIDE_MODELS, runTiered } from './tiered.mjs';
import { USE_CASES } from './use-cases.mjs';

/** Shares of what is stated. */
const SCALES = { full: 1, quick: 1, smoke: 0.1 };

/** @typedef {import('../../lib/suite.mjs').SuiteContext} SuiteContext */
/** @typedef {import('./world.mjs').Sherd} Sherd */
/** @typedef {(sherd: Sherd, context: SuiteContext) => Promise<{ verdicts: import('../../lib/goal.mjs').Verdict[], data: object }>} Part */

/** @type {Record<string, Part>} */
const PARTS = { latency, 'use-cases': useCases, tiered };

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'effects',
  title: "the guide's LLM optimisations, use cases and tiers",
  minutes: { full: 0.3, quick: 0.3 },
  run: async (context) => runEffects({ llm: await loadEntry('llm'), testing: await loadEntry('testing') }, context),
};

/**
 * @param {Sherd} sherd
 * @param {SuiteContext} context
 * @returns {Promise<import('../../lib/suite.mjs').SuiteOutcome>}
 */
export async function runEffects(sherd, context) {
  const names = context.wanted.workloads ?? Object.keys(PARTS);
  const unknown = names.find((name) => PARTS[name] === undefined);
  if (unknown !== undefined) throw new Error(`'${unknown}' is unknown; known: ${Object.keys(PARTS).join(', ')}`);
  const models = modelsOf(sherd);
  show(context, modelTable(models));
  const verdicts = [];
  const data = { models, pricesAsOf: sherd.llm.modelsAsOf };
  for (const name of names) {
    const outcome = await PARTS[name]?.(sherd, context);
    // Among the goals of what is timed, nobody is to take these for figures of real models.
    verdicts.push(
      ...(outcome?.verdicts ?? []).map((verdict) => ({ ...verdict, area: `scripted models, ${verdict.area}` })),
    );
    Object.assign(data, outcome?.data);
  }
  return { nulls: [], verdicts, data };
}

/** @type {Part} */
async function latency(sherd, context) {
  const rows = [];
  for (const optimisation of OPTIMISATIONS) {
    begin(context, optimisation.name);
    rows.push(await runOptimisation(sherd, optimisation, SCALES[context.scale]));
  }
  const { asked, questions } = LATENCY;
  const about = `${questions} questions of ${asked.tokens} tokens, answers of ${asked.answer.join(' to ')}, to gpt-4 with no option set but the one that the row names`;
  show(context, optimisationTable(rows), about);
  return { verdicts: judgeOptimisations(rows), data: { latency: { about, rows } } };
}

/** @type {Part} */
async function useCases(sherd, context) {
  const rows = [];
  for (const [name, run] of Object.entries(USE_CASES)) {
    begin(context, name);
    rows.push(await run(sherd, SCALES[context.scale]));
  }
  show(context, useCaseTable(rows), ...rows.map(({ name, about }) => `${name}: ${about}`));
  return { verdicts: judgeUseCases(rows), data: { useCases: rows } };
}

/** @type {Part} */
async function tiered(sherd, context) {
  const scale = SCALES[context.scale];
  const plans = [TIERED.exponent, ...TIERED.otherExponents].map((exponent) => ({
    models: GUIDE_MODELS,
    exponent,
    scale,
  }));
  const today = { models: modelsOfToday(sherd), exponent: TIERED.exponent, scale };
  const groups = [];
  for (const plan of [...plans, today]) {
    begin(context, `tiers, ${plan.models.strong}, Zipf ${plan.exponent}`);
    groups.push(await runTiered(sherd, plan));
  }
  const [first] = groups;
  if (first === undefined) throw new Error('there is a plan');
  const { simple, complex, hours, questions, complexEvery } = TIERED;
  const about = `${TIERED.queries} queries over ${hours} hours, by Zipf's law (exponent ${TIERED.exponent}) from ${questions} questions; one of ${complexEvery} questions is complex: ${complex.tokens} tokens, answers of ${complex.answer.join(' to ')}; the others ${simple.tokens} tokens, answers of ${simple.answer.join(' to ')}`;
  show(context, tieredTable(first), about);
  show(context, recipeTable(groups));
  return { verdicts: judgeTiered(first), data: { tiered: { about, groups } } };
}

/** Those whose speed is stated, with the prices that the client counts by. @param {Sherd} sherd */
function modelsOf(sherd) {
  const { fast, strong } = modelsOfToday(sherd);
  const speeds = { ...SPEEDS, [fast]: SPEED_OF_TIER.fast, [strong]: SPEED_OF_TIER.strong };
  return Object.entries(speeds).map(([model, speed]) => {
    const row = ['openai', 'anthropic'].map((vendor) => sherd.llm.findModel(vendor, model)).find(Boolean);
    if (row?.price === undefined) throw new Error(`no price is known of ${model}`);
    const { price, retired } = row;
    return { model, ...speed, input: price.input, output: price.output, ...(retired === undefined ? {} : { retired }) };
  });
}

/** @param {Sherd} sherd */
function modelsOfToday({ llm }) {
  return { fast: String(llm.modelOfTier('openai', 'fast')), strong: String(llm.modelOfTier('openai', 'strong')) };
}

/** @param {SuiteContext} context @param {string} what */
function begin({ signal, progress }, what) {
  signal.throwIfAborted();
  progress(what);
}

/** @param {SuiteContext} context @param {import('./tables.mjs').Table} table @param {...string} notes */
function show({ print }, { head, rows }, ...notes) {
  print(['', textTable(head, rows), ...notes].join('\n'));
}
