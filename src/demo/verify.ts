/**
 * Recomputes every figure of a finished run from its event log, and holds it against the figures that were stored:
 * in figures.json and inside the page. The digest of the log is a figure too, so a change that moves no other is found.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SherdError } from '../core/errors.js';
import { readDataBlock } from './page/embed.js';
import {
  EVENTS_FILE,
  FIGURES_BLOCK,
  FIGURES_FILE,
  figuresToStore,
  PAGE_FILE,
  type StoredFigures,
} from './stored-figures.js';

export interface VerifiedFigure {
  readonly name: string;
  readonly stored: string;
  readonly recomputed: string;
  readonly agrees: boolean;
}

const ABSENT = 'absent';

/** Verifies the run of an output folder, or of its event log. Throws ERR_VERIFY_UNREADABLE, ERR_EVENT_LOG_MALFORMED. */
export async function verifyRun(path: string): Promise<readonly VerifiedFigure[]> {
  const folder = (await isFolder(path)) ? path : dirname(path);
  const events = await read(folder === path ? join(folder, EVENTS_FILE) : path);
  const figures: unknown = parse(await read(join(folder, FIGURES_FILE)));
  const page = readDataBlock(await read(join(folder, PAGE_FILE)), FIGURES_BLOCK);
  const recomputed = figuresToStore(events);
  return [...compare('', figures, recomputed), ...compare(`${PAGE_FILE}: `, page, recomputed)];
}

/** One row for each figure that either side has. */
function compare(label: string, stored: unknown, recomputed: StoredFigures): readonly VerifiedFigure[] {
  const storedLeaves = leavesOf(stored);
  const recomputedLeaves = leavesOf(recomputed);
  const names = new Set([...recomputedLeaves.keys(), ...storedLeaves.keys()]);
  return [...names].map((name) => {
    const [was, is] = [storedLeaves.get(name) ?? ABSENT, recomputedLeaves.get(name) ?? ABSENT];
    return { name: `${label}${name}`, stored: was, recomputed: is, agrees: was === is };
  });
}

/** Every value inside, by its path: `total.hitRatio`. */
function leavesOf(value: unknown, path = '', leaves: Map<string, string> = new Map()): Map<string, string> {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) leavesOf(inner, path === '' ? key : `${path}.${key}`, leaves);
  } else if (path !== '') {
    leaves.set(path, String(value));
  }
  return leaves;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(unreadable(path))).isDirectory();
}

function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(unreadable(path));
}

function unreadable(path: string): (cause: unknown) => never {
  return (cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SherdError(`${path} cannot be read: ${reason}`, { code: 'ERR_VERIFY_UNREADABLE', cause });
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Not JSON holds no figure: every row then differs.
    return undefined;
  }
}
