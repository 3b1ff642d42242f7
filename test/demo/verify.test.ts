import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEventLog, parseEventLog } from '../../src/demo/event-log.js';
import type { DemoEvent } from '../../src/demo/events.js';
import { figuresOf } from '../../src/demo/figures.js';
import { dataBlock, readDataBlock } from '../../src/demo/page/embed.js';
import { EVENTS_FILE, FIGURES_BLOCK, FIGURES_FILE, figuresToStore, PAGE_FILE } from '../../src/demo/stored-figures.js';
import { verifyRun } from '../../src/demo/verify.js';

const LINES = [
  '{"kind":"phase-began","atMs":0,"phase":"steady","title":"Steady","durationMs":9,"requestsPerSecond":1}\n',
  '{"kind":"call","atMs":1,"sequence":0,"phase":"steady","useCase":"chat","job":"chat","question":"chat-1","outcome":"miss","stream":false,"latencyMs":5,"answeredBy":"primary"}\n',
  '{"kind":"call","atMs":2,"sequence":1,"phase":"steady","useCase":"chat","job":"chat","question":"chat-1","outcome":"hit","stream":false,"latencyMs":0.1,"answeredBy":"primary"}\n',
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sherd-verify-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly events?: string;
  readonly figures?: unknown;
  readonly page?: unknown;
}

const HONEST = figuresToStore(LINES.join(''));

async function store({ events = LINES.join(''), figures = HONEST, page = figures }: Run = {}): Promise<string> {
  await writeFile(join(folder, EVENTS_FILE), events);
  await writeFile(join(folder, FIGURES_FILE), JSON.stringify(figures));
  await writeFile(join(folder, PAGE_FILE), `<html>${dataBlock(FIGURES_BLOCK, page)}</html>`);
  return folder;
}

async function differing(path: string): Promise<readonly string[]> {
  return (await verifyRun(path)).filter((row) => !row.agrees).map((row) => row.name);
}

test('an untouched run agrees in every figure, by its folder and by its event log', async () => {
  await store();
  const rows = await verifyRun(folder);
  expect(rows.filter((row) => !row.agrees)).toEqual([]);
  expect(rows.map((row) => row.name)).toEqual(
    expect.arrayContaining(['figures.total.hitRatio', 'report.html: figures.speedup']),
  );
  expect(await verifyRun(join(folder, EVENTS_FILE))).toEqual(rows);
});

test('an outcome changed in the log shows in the figures it moves', async () => {
  await store({ events: LINES.join('').replace('"outcome":"miss"', '"outcome":"hit"') });
  expect(await differing(folder)).toEqual(
    expect.arrayContaining(['eventsSha256', 'figures.total.hits', 'report.html: figures.total.hits']),
  );
});

test('a change in the log that moves no figure shows in its digest', async () => {
  await store({ events: LINES.join('').replace('"Steady"', '"Stormy"') });
  expect(await differing(folder)).toEqual(['eventsSha256', 'report.html: eventsSha256']);
});

test('a figure improved in figures.json, or inside the page, differs', async () => {
  const improved = { ...HONEST, figures: { ...HONEST.figures, speedup: 5000 } };
  await store({ figures: improved, page: HONEST });
  expect(await differing(folder)).toEqual(['figures.speedup']);
  await store({ figures: HONEST, page: improved });
  expect(await differing(folder)).toEqual(['report.html: figures.speedup']);
});

test('a figure that was taken out or added differs', async () => {
  const { figures, eventsSha256 } = HONEST;
  const { speedup: _, ...without } = figures;
  await store({
    figures: { eventsSha256, figures: { ...without, invented: 1 } } as never,
    page: { eventsSha256, figures },
  });
  expect(await differing(folder)).toEqual(['figures.speedup', 'figures.invented']);
});

test('a missing file and a broken line are errors that say where', async () => {
  await expect(verifyRun(join(folder, 'absent', EVENTS_FILE))).rejects.toMatchObject({ code: 'ERR_VERIFY_UNREADABLE' });
  await store({ events: `${LINES[0]}nonsense\n` });
  await expect(verifyRun(folder)).rejects.toMatchObject({
    code: 'ERR_EVENT_LOG_MALFORMED',
    message: expect.stringContaining('line 2'),
  });
});

test('the lines a log writes give the same figures as the events it keeps', () => {
  let now = 1000;
  let text = '';
  const log = createEventLog(
    () => now,
    (line) => {
      text += line;
    },
  );
  for (const line of LINES) {
    const { atMs: _, ...event } = JSON.parse(line) as DemoEvent;
    now += 1 / 3;
    log.record(event);
  }
  expect(log.events.map((event) => event.atMs)).toEqual([0.333, 0.667, 1]);
  expect(parseEventLog(text)).toEqual(log.events);
  expect(figuresOf(parseEventLog(text))).toEqual(figuresOf(log.events));
  expect(log.digest()).toBe(figuresToStore(text).eventsSha256);
});

test('a data block cannot be ended by what it holds', () => {
  const value = { text: '</script><script>alert(1)</script><!--' };
  const html = `<body>${dataBlock('data', value)}${dataBlock('more', 1)}</body>`;
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(readDataBlock(html, 'data')).toEqual(value);
  expect(readDataBlock(html, 'more')).toBe(1);
  expect(readDataBlock(html, 'absent')).toBeUndefined();
});
