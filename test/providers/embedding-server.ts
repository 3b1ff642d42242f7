/** The reply of a server of embeddings in the OpenAI format: a vector that tells its text, and the vectors last one first. */
import type { ScriptedReply, ScriptedRequest } from '../../src/testing/scripted-server.js';

const JSON_HEADERS = { 'content-type': 'application/json', 'x-request-id': 'req-e' };

export function replyToEmbedding({ body }: ScriptedRequest): ScriptedReply {
  const { input, model } = JSON.parse(body) as { input: readonly string[]; model: string };
  const data = input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })).reverse();
  const tokens = input.join(' ').split(' ').length;
  const answer = { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
  return { headers: JSON_HEADERS, body: JSON.stringify(answer) };
}

function vectorOf(text: string): number[] {
  return [text.length, text.charCodeAt(0) / 100, -0.5];
}
