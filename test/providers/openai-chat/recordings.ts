/** Recorded answers of real vendors, where they lie beside the repository. Tests that need them say so when they do not. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../../../../shared/fixtures/', import.meta.url));

export const hasRecordings: boolean = existsSync(FIXTURES);
if (!hasRecordings) process.stderr.write(`skipped: no recorded answers in ${FIXTURES}\n`);

/** What the vendor's own SDK made of a stream. */
export interface Expectation {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly finish: string;
  readonly usage: Readonly<Record<string, unknown>> | null;
}

/** Folders whose files with these beginnings speak the OpenAI chat format. */
const FAMILIES: readonly (readonly [folder: string, beginning: string])[] = [
  ['openai', 'chat__'],
  ['openai-compatible', 'chat__'],
  ['deepseek', 'chat__'],
  ['groq', 'groq-'],
  ['mistral', 'mistral-'],
  ['moonshot-kimi', 'moonshotai-'],
  ['alibaba-qwen', 'alibaba-'],
  ['perplexity', 'perplexity-'],
  ['xai', 'xai-'],
];

function namesOf(ending: string): string[] {
  if (!hasRecordings) return [];
  return FAMILIES.flatMap(([folder, beginning]) =>
    readdirSync(`${FIXTURES}${folder}`)
      .filter((name) => name.startsWith(beginning) && name.endsWith(ending) && !name.endsWith('-error.json'))
      .map((name) => `${folder}/${name}`),
  );
}

export const recordedStreams: readonly string[] = namesOf('.chunks.txt');
export const recordedAnswers: readonly string[] = namesOf('.json');

export function readRecording(name: string): string {
  return readFileSync(`${FIXTURES}${name}`, 'utf8');
}

/** The stream as the vendor sent it: framed, and ended with [DONE]. */
export function asEventStream(name: string): string {
  const lines = readRecording(name)
    .split('\n')
    .filter((line) => line !== '');
  return `${lines.map((line) => `data: ${line}\n\n`).join('')}data: [DONE]\n\n`;
}

export function readExpectation(name: string): Expectation {
  const all = JSON.parse(readRecording('expected.json')) as Record<string, { result: Expectation }>;
  return (all[name] as { result: Expectation }).result;
}
