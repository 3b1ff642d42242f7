/** The recordings that speak the OpenAI chat format. */
import * as recordings from '../../support/recordings.js';

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
  return FAMILIES.flatMap(([folder, beginning]) => recordings.recordingsOf(folder, beginning, ending)).filter(
    (name) => !name.endsWith('-error.json'),
  );
}

export const recordedStreams: readonly string[] = namesOf('.chunks.txt');
export const recordedAnswers: readonly string[] = namesOf('.json');

/** The stream as the vendor sent it: framed, and ended with [DONE]. */
export function asEventStream(name: string): string {
  const events = recordings.readEvents(name).map((line) => `data: ${line}\n\n`);
  return `${events.join('')}data: [DONE]\n\n`;
}

export function readExpectation(name: string): Expectation {
  return recordings.readExpectation<Expectation>(name) as Expectation;
}
