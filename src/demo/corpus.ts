/**
 * The corpus: the READMEs, documents, declarations and sources of the packages installed on this machine.
 * Invariant: the same files give the same documents in the same order, within fixed bounds, whatever order the file
 * system lists them in.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, sep } from 'node:path';
import { SherdError } from '../core/errors.js';

export type DocumentKind = 'prose' | 'code';

export interface CorpusDocument {
  /** Path below node_modules, with forward slashes. */
  readonly path: string;
  readonly packageName: string;
  readonly kind: DocumentKind;
  readonly text: string;
}

export interface Corpus {
  readonly documents: readonly CorpusDocument[];
  readonly packages: number;
  readonly bytes: number;
}

export interface CorpusBounds {
  readonly totalBytes: number;
  /** What one package may give of each kind, so that no package crowds out the others. */
  readonly packageBytes: Readonly<Record<DocumentKind, number>>;
  readonly fileBytes: number;
}

export const CORPUS_BOUNDS: CorpusBounds = {
  totalBytes: 10 * 2 ** 20,
  packageBytes: { prose: 256 * 2 ** 10, code: 160 * 2 ** 10 },
  fileBytes: 64 * 2 ** 10,
};

const KIND_OF_ENDING: ReadonlyMap<string, DocumentKind> = new Map([
  ['.md', 'prose'],
  ['.ts', 'code'],
  ['.mts', 'code'],
  ['.js', 'code'],
  ['.mjs', 'code'],
]);
const LEAST_FILE_BYTES = 400;
const MAX_DEPTH = 5;
/** Longer lines on average are a bundler's, not a person's. */
const MAX_MEAN_LINE_LENGTH = 160;
const PASSED_OVER = /^(node_modules|tests?|__tests__|fixtures|licen[cs]e.*|changelog.*|code_of_conduct.*|\..*)$/i;

/**
 * Reads the corpus of every node_modules folder that stands in one of `starts` or above it.
 * Throws ERR_CORPUS_EMPTY when no package with a readable document is found.
 */
export async function readCorpus(starts: readonly string[], bounds: CorpusBounds = CORPUS_BOUNDS): Promise<Corpus> {
  const documents: CorpusDocument[] = [];
  const packages = new Set<string>();
  let bytes = 0;
  for (const root of await findModuleFolders(starts)) {
    for (const packageName of await listPackages(root)) {
      if (bytes >= bounds.totalBytes || packages.has(packageName)) continue;
      for (const document of await readPackage(root, packageName, bounds)) {
        documents.push(document);
        packages.add(packageName);
        bytes += document.text.length;
      }
    }
  }
  if (documents.length === 0) {
    throw new SherdError(
      `no installed package with documents found in a node_modules folder at or above ${starts.join(' or ')}`,
      {
        code: 'ERR_CORPUS_EMPTY',
      },
    );
  }
  return { documents, packages: packages.size, bytes };
}

async function findModuleFolders(starts: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const start of starts) {
    for (let folder = start; ; folder = dirname(folder)) {
      const candidate = join(folder, 'node_modules');
      if ((await stat(candidate).catch(() => undefined))?.isDirectory() === true) found.add(candidate);
      if (dirname(folder) === folder) break;
    }
  }
  return [...found];
}

async function listPackages(root: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of await list(root)) {
    if (name.startsWith('@')) names.push(...(await list(join(root, name))).map((inner) => `${name}/${inner}`));
    else names.push(name);
  }
  return names;
}

/** Documents of one package: Markdown first, then declarations, then sources, each by path. */
async function readPackage(
  root: string,
  packageName: string,
  bounds: CorpusBounds,
): Promise<readonly CorpusDocument[]> {
  const files = (await walk(join(root, packageName), 0)).toSorted((a, b) => weight(a) - weight(b) || compare(a, b));
  const left: Record<DocumentKind, number> = { ...bounds.packageBytes };
  const documents: CorpusDocument[] = [];
  for (const file of files) {
    const kind = KIND_OF_ENDING.get(extname(file));
    if (kind === undefined || left[kind] <= 0) continue;
    const text = await readText(file, Math.min(bounds.fileBytes, left[kind]));
    if (text === undefined) continue;
    left[kind] -= text.length;
    documents.push({ path: relative(root, file).split(sep).join('/'), packageName, kind, text });
  }
  return documents;
}

async function walk(folder: string, depth: number): Promise<readonly string[]> {
  if (depth > MAX_DEPTH) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  for (const entry of entries.toSorted((a, b) => compare(a.name, b.name))) {
    if (PASSED_OVER.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await walk(path, depth + 1)));
    else if (entry.isFile() && KIND_OF_ENDING.has(extname(entry.name))) files.push(path);
  }
  return files;
}

/** The text of a file written by people; undefined for one too small, too large or machine-made. */
async function readText(path: string, maxBytes: number): Promise<string | undefined> {
  const { size } = await stat(path);
  if (size < LEAST_FILE_BYTES || size > maxBytes) return undefined;
  const text = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n');
  const lines = text.split('\n').length;
  return text.includes('\0') || text.length / lines > MAX_MEAN_LINE_LENGTH ? undefined : text;
}

/** READMEs before other prose, declarations before sources. */
function weight(path: string): number {
  if (/readme[^/\\]*$/i.test(path)) return 0;
  if (/\.d\.[cm]?ts$/.test(path)) return 1;
  return 2;
}

async function list(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => !name.startsWith('.')).toSorted(compare);
}

/** By UTF-16 code units: the same everywhere, unlike the order of a locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
