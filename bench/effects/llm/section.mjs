/** The section of the page for this suite: what is stated first, then what follows from it. */
import { barChart } from '../../page/bar-chart.mjs';
import { image, markdownTable } from '../../page/markdown.mjs';
import { percentOff } from './goals.mjs';
import { modelTable, optimisationTable, recipeTable, tieredTable, useCaseTable } from './tables.mjs';

const TITLE = 'Off the wait, or off the cost';

/** @type {import('../../page/sections.mjs').SectionWriter} */
export function effects({ models, pricesAsOf, latency, useCases, tiered }) {
  const [{ strong, recipe }] = tiered.groups;
  const text = [
    'No real model is asked and no time is measured: scripted models wait as long as is stated here, on a clock that moves only while something waits, so these figures are the same on every machine. They show what the client does with such models: what it asks, how often, in which order, with which limits, and what it keeps. They do not show how fast or how good a model is, and computing takes no time in them; what the client itself takes is for `npm run bench:llm`. Money is usage at list price, as the client counts it.',
    table(modelTable(models)),
    `First tokens are log-normal. Prices are of ${pricesAsOf}, the last ones of models that were switched off. The times of gpt-3.5-turbo are medians that Artificial Analysis and OpenAI's forum published in 2024, that of a token of gpt-4 is the forum's of gpt-4-turbo; the others are assumptions of that kind, and today's models are taken to be as fast as the ones they stand in for.`,
    '### Latency',
    `${latency.about}.`,
    image('bench-effects.svg', TITLE),
    table(optimisationTable(latency.rows)),
    '### Use cases',
    "Each as `createClientForUseCase()` makes it, with the guide's model; *document 002* is a client with a cache and three retries. Waits are medians of fresh answers, with their 95th and 99th percentiles; who asks by `chat()` sees the first words with the last. *Added* is what the client adds to them, in the mean: retries and the wait for a connection. The rest is what was stated, so a goal that is reached is reached for models of that speed. Cents are for a conversation of *chat*, else for a question.",
    table(useCaseTable(useCases)),
    useCases.map((/** @type {any} */ { name, about }) => `- ${name}: ${about}.`).join('\n'),
    '### Tiers',
    `${tiered.about}. \`createTieredClient()\` tells them apart by its own rule.`,
    table(tieredTable(tiered.groups[0])),
    'The same with questions that repeat less and more, and with the models of today. *Asked before* is what no cache can surpass.',
    table(recipeTable(tiered.groups)),
  ].join('\n\n');
  const bars = [
    ...latency.rows.map((/** @type {any} */ { name, before, after }) => bar(name, before.waitMs, after.waitMs)),
    bar('tiers and caches (cost)', strong.cost, recipe.cost),
  ];
  return { text, images: [{ file: 'bench-effects.svg', svg: barChart({ title: TITLE, unit: '%', bars }) }] };
}

/** @param {string} label @param {number} before @param {number} after */
function bar(label, before, after) {
  return { label, value: percentOff(before, after), isOurs: true };
}

/** @param {import('./tables.mjs').Table} table */
function table({ head, rows }) {
  return markdownTable(head, rows);
}
