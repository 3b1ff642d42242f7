/** What a request needs, what a target takes, and what the call would cost there. Pure; estimates err on the large side. */
import { findModel } from '../profiles/models.js';
import type { Message } from '../protocol/chat.js';
import type { Call } from './call.js';
import type { RouterCandidate } from './config.js';
import { costOf } from './cost.js';
import type { RouteNeeds } from './route-types.js';

/** English has some four characters a token, Chinese about one: bytes come near to both. */
const BYTES_PER_TOKEN = 4;
const TOKENS_PER_IMAGE = 1000;
const TOKENS_PER_MILLION = 1_000_000;

export function needsOf({ messages, extras, settings }: Call): RouteNeeds {
  const { tools = [], responseFormat } = extras;
  const toolBytes = tools.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(tools));
  const questionTokens = messages.reduce((sum, message) => sum + tokensOf(message), toolBytes / BYTES_PER_TOKEN);
  return {
    tools: tools.length > 0,
    images: messages.some(({ content }) => typeof content !== 'string' && content.some(({ kind }) => kind === 'image')),
    jsonSchema: responseFormat?.kind === 'json-schema',
    contextTokens: Math.ceil(questionTokens) + settings.maxTokens,
  };
}

/** A candidate's own word goes before the table's; what neither knows is taken as given. */
export function fits(
  needs: RouteNeeds,
  provider: string,
  model: string,
  { capabilities }: Pick<RouterCandidate, 'capabilities'>,
): boolean {
  const row = findModel(provider, model);
  const lacks = row?.lacks ?? [];
  const { tools, images, jsonSchema, contextTokens } = capabilities ?? {};
  return (
    (!needs.tools || (tools ?? !lacks.includes('tools'))) &&
    (!needs.images || (images ?? !lacks.includes('images'))) &&
    (!needs.jsonSchema || (jsonSchema ?? !lacks.includes('json-schema'))) &&
    needs.contextTokens <= (contextTokens ?? row?.contextTokens ?? Number.POSITIVE_INFINITY)
  );
}

/** US dollars if the answer is as long as it may be; undefined without a price. */
export function highestCost(
  needs: RouteNeeds,
  maxTokens: number,
  place: { readonly provider: string; readonly model: string },
  { price }: Pick<RouterCandidate, 'price'>,
): number | undefined {
  const inputTokens = needs.contextTokens - maxTokens;
  if (price !== undefined) return (inputTokens * price.input + maxTokens * price.output) / TOKENS_PER_MILLION;
  const usage = { inputTokens, outputTokens: maxTokens, totalTokens: needs.contextTokens };
  return costOf(place.provider, place.model, usage);
}

function tokensOf({ content, toolCalls = [] }: Message): number {
  const parts = typeof content === 'string' ? [{ kind: 'text' as const, text: content }] : content;
  let tokens = 0;
  for (const part of parts) {
    tokens += part.kind === 'text' ? Buffer.byteLength(part.text) / BYTES_PER_TOKEN : TOKENS_PER_IMAGE;
  }
  for (const call of toolCalls) tokens += Buffer.byteLength(call.arguments) / BYTES_PER_TOKEN;
  return tokens;
}
