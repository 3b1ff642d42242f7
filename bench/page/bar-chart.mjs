/** A horizontal bar chart as SVG text, drawn by hand: no script, no font but the reader's, the same bytes for the same data. */
import { formatFigure } from '../lib/goal.mjs';

const WIDTH = 760;
const VALUE_WIDTH = 80;
const ROW = 24;
const TITLE = 40;
const BOTTOM = 14;
/** A generous width of a character, since the reader's font is not known. */
const CHARACTER = 8.2;
const COLORS = {
  ours: '#2563a8',
  theirs: '#9aa7b4',
  spread: '#1b2530',
  goal: '#c2410c',
  text: '#1b2530',
  paper: '#ffffff',
};

/**
 * @typedef {object} Bar
 * @property {string} label
 * @property {number} value
 * @property {number} [low] quartiles, drawn as a line over the end of the bar
 * @property {number} [high]
 * @property {boolean} isOurs
 */

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} unit after each value
 * @property {readonly Bar[]} bars from top to bottom
 * @property {{ value: number, label: string }} [goal] a line across
 * @property {boolean} [isLogarithmic] for values that differ by powers of ten
 */

/**
 * @typedef {object} Frame where things stand
 * @property {number} left of the bars
 * @property {number} top of the first bar
 * @property {number} height of the picture
 * @property {(value: number) => number} x
 */

/** @param {Chart} chart */
export function barChart({ title, unit, bars, goal, isLogarithmic = false }) {
  const frame = layOut(bars, goal, isLogarithmic);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${frame.height}" width="${WIDTH}" height="${frame.height}"`,
    ` role="img" aria-label="${escapeXml(title)}" font-family="system-ui, sans-serif" font-size="13" fill="${COLORS.text}">\n`,
    `<rect width="${WIDTH}" height="${frame.height}" rx="6" fill="${COLORS.paper}"/>\n`,
    `<text x="12" y="24" font-size="15" font-weight="600">${escapeXml(title)}</text>\n`,
    ...bars.map((bar, index) => drawBar(bar, index, frame, unit)),
    ...(goal === undefined ? [] : [drawGoal(goal, frame)]),
    '</svg>\n',
  ].join('');
}

/**
 * @param {readonly Bar[]} bars
 * @param {Chart['goal']} goal
 * @param {boolean} isLogarithmic
 * @returns {Frame}
 */
function layOut(bars, goal, isLogarithmic) {
  const left = Math.round(16 + CHARACTER * Math.max(...bars.map(({ label }) => label.length)));
  const top = goal === undefined ? TITLE : TITLE + 20;
  const room = WIDTH - left - VALUE_WIDTH;
  const values = [...bars.flatMap((bar) => [bar.value, bar.high ?? bar.value]), goal?.value ?? 0];
  const scale = isLogarithmic ? logarithmicScale(values) : linearScale(values);
  return { left, top, height: top + bars.length * ROW + BOTTOM, x: (value) => left + room * scale(value) };
}

/**
 * @param {Bar} bar
 * @param {number} index
 * @param {Frame} frame
 * @param {string} unit
 */
function drawBar({ label, value, low, high, isOurs }, index, { left, top, x }, unit) {
  const y = top + index * ROW;
  const middle = y + ROW / 2;
  const fill = isOurs ? COLORS.ours : COLORS.theirs;
  const weight = isOurs ? ' font-weight="600"' : '';
  const width = round(Math.max(1, x(value) - left));
  const end = round(x(Math.max(value, high ?? value)) + 8);
  return [
    `<text x="${left - 8}" y="${middle + 4}" text-anchor="end"${weight}>${escapeXml(label)}</text>`,
    `<rect x="${left}" y="${y + 4}" width="${width}" height="${ROW - 8}" rx="2" fill="${fill}"/>`,
    low === undefined || high === undefined ? '' : drawSpread(round(x(low)), round(x(high)), middle),
    `<text x="${end}" y="${middle + 4}"${weight}>${formatFigure(value)} ${escapeXml(unit)}</text>\n`,
  ].join('');
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} y
 */
function drawSpread(from, to, y) {
  return `<path d="M${from} ${y}H${to}M${from} ${y - 3}v6M${to} ${y - 3}v6" stroke="${COLORS.spread}" fill="none"/>`;
}

/**
 * @param {{ value: number, label: string }} goal
 * @param {Frame} frame
 */
function drawGoal({ value, label }, { top, height, x }) {
  const at = round(x(value));
  return [
    `<path d="M${at} ${top - 4}V${height - 6}" stroke="${COLORS.goal}" stroke-dasharray="4 3"/>`,
    `<text x="${at}" y="${top - 8}" text-anchor="middle" font-size="12" fill="${COLORS.goal}">${escapeXml(label)}</text>\n`,
  ].join('');
}

/**
 * Values as shares of the room.
 * @param {readonly number[]} values
 */
function linearScale(values) {
  const most = Math.max(...values, Number.MIN_VALUE);
  return (/** @type {number} */ value) => value / most;
}

/**
 * From a power of ten below the least value, so that its bar has a length.
 * @param {readonly number[]} values
 */
function logarithmicScale(values) {
  const from = Math.floor(Math.log10(Math.min(...values.filter((value) => value > 0)))) - 0.1;
  const span = Math.log10(Math.max(...values)) - from;
  return (/** @type {number} */ value) => (value > 0 ? (Math.log10(value) - from) / span : 0);
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}

/** @param {string} text */
function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
