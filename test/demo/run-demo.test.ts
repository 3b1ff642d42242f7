/** The main job end to end, short: real servers on loopback, real clients, the packages installed here. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isConfigError } from '../../src/core/errors.js';
import { readCorpus } from '../../src/demo/corpus.js';
import { parseEventLog } from '../../src/demo/event-log.js';
import { eventsOf } from '../../src/demo/events.js';
import { createQuestions } from '../../src/demo/questions.js';
import { type DemoPorts, runDemo } from '../../src/demo/run-demo.js';
import { startServerHere } from '../../src/demo/serve-local.js';
import type { ProviderServer } from '../../src/demo/server-process.js';
import { defaultSettings, inTime, quick, sparing } from '../../src/demo/settings.js';
import { createTerminal } from '../../src/demo/terminal.js';
import { formatReport } from '../../src/demo/terminal-report.js';
import { verifyRun } from '../../src/demo/verify.js';

const STARTS = [process.cwd()];
const SECONDS = 4;
const quickly = { ...quick(defaultSettings(5)), corpus: { ...defaultSettings(5).corpus, totalBytes: 2 ** 18 } };
const SETTINGS = inTime(quickly, SECONDS * 1000);

let out: string;
let printed: string;
let servers: ProviderServer[];
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'sherd-demo-'));
  printed = '';
  servers = [];
});
afterEach(() => rm(out, { recursive: true, force: true }));

async function startServer(): Promise<ProviderServer> {
  const server = await startServerHere(STARTS, SETTINGS.corpus);
  servers.push(server);
  return server;
}

function ports(signal = new AbortController().signal): DemoPorts {
  const stream = {
    write(text: string): boolean {
      printed += text;
      return true;
    },
  };
  return { version: '0.0.0', terminal: createTerminal(stream), corpusStarts: STARTS, out, startServer, signal };
}

test('a run serves the whole workload through the outage, and its log gives the figures it reports', async () => {
  const { events, figures, goals, isInterrupted } = await runDemo(SETTINGS, undefined, ports());
  expect(isInterrupted).toBe(false);
  expect((await readdir(out)).toSorted()).toEqual(['events.jsonl', 'figures.json', 'report.html']);

  const log = await readFile(join(out, 'events.jsonl'), 'utf8');
  expect(parseEventLog(log)).toEqual(JSON.parse(JSON.stringify(events)));
  expect((await verifyRun(out)).filter((row) => !row.agrees)).toEqual([]);

  expect(eventsOf(events, 'phase-began').map((event) => event.phase)).toEqual(
    SETTINGS.phases.map((phase) => phase.name),
  );
  expect(eventsOf(events, 'outage').map((event) => event.state)).toEqual(['began', 'ended']);
  expect(figures.total.requests).toBe(eventsOf(events, 'call').length);
  expect(figures.total.requests).toBeGreaterThan(100);
  expect(figures.total.hits).toBeGreaterThan(0);
  expect(figures.total).toMatchObject({ failed: 0 });
  expect(figures).toMatchObject({ mismatches: 0, ended: 'finished', warmedQuestions: 15 });
  expect(figures.answersCompared).toBeGreaterThan(figures.total.misses);
  expect(goals.map((goal) => goal.name)).toContain('circuit breaker recoveries');
  expect(new Set(eventsOf(events, 'setting').map((event) => event.subject))).toContain('shared cache');
  for (const server of servers) await expect(fetch(server.baseUrl)).rejects.toThrow();

  const report = formatReport({ events, figures, goals, width: 100 });
  for (const title of ['Report', 'Traffic', 'Money at list price', 'Decisions of the auto-tuner', 'Goals']) {
    expect(report).toContain(title);
  }
  expect(printed).toContain('Announced outage of the primary');
}, 60_000);

test('no prompt and no answer stands in the log or the page', async () => {
  await runDemo(inTime(SETTINGS, 1000), undefined, ports());
  const corpus = await readCorpus(STARTS, SETTINGS.corpus);
  const questions = createQuestions(corpus, SETTINGS.questions, SETTINGS.seed);
  const written =
    (await readFile(join(out, 'events.jsonl'), 'utf8')) + (await readFile(join(out, 'report.html'), 'utf8'));
  for (const { messages } of questions) {
    const content = String(messages.at(-1)?.content);
    expect(written).not.toContain(JSON.stringify(content).slice(1, 60));
  }
}, 60_000);

test('an interrupted run leaves the report of what there was', async () => {
  const stop = new AbortController();
  const running = runDemo(inTime(SETTINGS, 600_000), undefined, {
    ...ports(stop.signal),
    terminal: {
      columns: 100,
      print: (text) => {
        if (text.includes('Steady')) setImmediate(() => stop.abort());
      },
      showStatus: () => undefined,
      clearStatus: () => undefined,
    },
  });
  const { isInterrupted, figures } = await running;
  expect(isInterrupted).toBe(true);
  expect(figures.ended).toBe('interrupted');
  expect((await verifyRun(out)).every((row) => row.agrees)).toBe(true);
}, 60_000);

test('a real provider without its key is refused as a mistake of the configuration', async () => {
  vi.stubEnv('OPENAI_API_KEY', '');
  const running = runDemo(sparing(SETTINGS), { name: 'openai', model: undefined }, ports());
  await expect(running).rejects.toSatisfy(isConfigError);
  expect(servers).toEqual([]);
});

test('a real provider is asked by its own model, is not taken down, and has no goals about an outage', async () => {
  const server = await startServer();
  vi.stubEnv('OPENAI_API_KEY', 'a-key-of-the-test');
  vi.stubEnv('OPENAI_BASE_URL', server.baseUrl);
  const settings = inTime(sparing(SETTINGS), 1500);
  const { events, figures, goals } = await runDemo(settings, { name: 'openai', model: 'gpt-4o-mini' }, ports());
  await server.close();
  expect(new Set(eventsOf(events, 'upstream').map((event) => event.model))).toEqual(new Set(['gpt-4o-mini']));
  expect(eventsOf(events, 'outage')).toEqual([]);
  expect(printed).toContain('skipped: a real provider is not taken down');
  expect(goals.map((goal) => goal.name)).not.toContain('answers by the fallback');
  expect(figures.total).toMatchObject({ failed: 0 });
  expect(figures.money.total.withoutCacheUsd).toBeGreaterThan(0);
  expect(servers).toHaveLength(1);
  expect(await readFile(join(out, 'events.jsonl'), 'utf8')).not.toContain('a-key-of-the-test');
}, 60_000);

test('a folder that cannot be written is an error that says so', async () => {
  const blocked = { ...ports(), out: join(process.execPath, 'report') };
  await expect(runDemo(SETTINGS, undefined, blocked)).rejects.toMatchObject({ code: 'ERR_DEMO_OUTPUT' });
});
