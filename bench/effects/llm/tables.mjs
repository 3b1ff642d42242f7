/** The figures of this suite as tables, for the terminal and for the page. */
import { formatFigure } from '../../lib/goal.mjs';
import { cents, percentOff, seconds } from './goals.mjs';
import { WAYS } from './tiered.mjs';

/** @typedef {{ head: string[], rows: string[][] }} Table */
/** @typedef {import('./tiered.mjs').TieredGroup} TieredGroup */

/**
 * @typedef {import('./stated.mjs').Speed & ModelPrice} ModelRow
 * @typedef {object} ModelPrice
 * @property {string} model
 * @property {number} input US dollars a million tokens
 * @property {number} output
 * @property {string} [retired] the day it was switched off
 */

/** @param {readonly ModelRow[]} models @returns {Table} */
export function modelTable(models) {
  return {
    head: ['model', 'first token', 'p99', 'reading 1,000 tokens', 'a token', '$ a million in', 'out', 'switched off'],
    rows: models.map(({ model, firstMs, readMs, tokenMs, input, output, retired }) => [
      model,
      `${firstMs.p50Ms} ms`,
      `${firstMs.p99Ms} ms`,
      `${readMs} ms`,
      `${tokenMs} ms`,
      String(input),
      String(output),
      retired ?? '',
    ]),
  };
}

/** @param {readonly import('./optimisations.mjs').OptimisationRow[]} rows @returns {Table} */
export function optimisationTable(rows) {
  return {
    head: ['optimisation', 'mean wait for', 'before', 'after', 'off', 'guide', 'what else changed', 'trade-off'],
    rows: rows.map(({ name, figure, guide, tradeOff, before, after }) => [
      name,
      figure,
      `${seconds(before.waitMs)}, ${before.name}`,
      `${seconds(after.waitMs)}, ${after.name}`,
      `${formatFigure(percentOff(before.waitMs, after.waitMs))} %`,
      `${guide.join(' to ')} %`,
      before.seen === after.seen ? after.seen : `${before.seen} -> ${after.seen}`,
      tradeOff,
    ]),
  };
}

/** @param {readonly import('./use-cases.mjs').UseCaseRow[]} rows @returns {Table} */
export function useCaseTable(rows) {
  return {
    head: ['use case', 'calls', 'failed', 'hits', 'retries', 'first words', 'whole', 'p95', 'p99', 'added', 'cents'],
    rows: rows.map((row) => [
      row.name,
      String(row.requests),
      String(row.failed),
      String(row.hits),
      String(row.retries),
      seconds(row.first.p50),
      ...[row.whole.p50, row.whole.p95, row.whole.p99].map(seconds),
      `${formatFigure(row.addedMs)} ms`,
      smallFigure(cents(row)),
    ]),
  };
}

/** @param {TieredGroup} group @returns {Table} */
export function tieredTable(group) {
  return {
    head: ['who answers', 'cost', 'off', 'hit ratio', 'upstream calls', 'of the strong model', 'mean wait'],
    rows: Object.values(group).map(({ way, cost, hitRatio, upstreamCalls, strongShare, meanMs }) => [
      WAYS[way].label,
      `$${cost.toFixed(2)}`,
      `${formatFigure(percentOff(group.strong.cost, cost))} %`,
      `${formatFigure(100 * hitRatio)} %`,
      String(upstreamCalls),
      `${formatFigure(100 * strongShare)} %`,
      seconds(meanMs),
    ]),
  };
}

/**
 * What the recipe's figures owe to the law of the repeats and to the prices.
 * @param {readonly TieredGroup[]} groups
 * @returns {Table}
 */
export function recipeTable(groups) {
  return {
    head: ['models', 'Zipf', 'asked before', 'hit ratio', 'off the cost', 'by caching alone', 'by tiers alone'],
    rows: groups.map(({ strong, strongCached, tiers, recipe }) => [
      `${recipe.models.fast}, ${recipe.models.strong}`,
      String(recipe.exponent),
      ...[recipe.attainable, recipe.hitRatio].map((share) => `${formatFigure(100 * share)} %`),
      ...[recipe, strongCached, tiers].map(({ cost }) => `${formatFigure(percentOff(strong.cost, cost))} %`),
    ]),
  };
}

/** A figure that may be far below 1. @param {number} value */
function smallFigure(value) {
  return value >= 1 ? formatFigure(value) : value.toPrecision(2);
}
