/** The embeddings of OpenAI and of those who copied them: the same for both of its chat formats. Pure. */
import type { EmbedAnswer, EmbedRequest } from '../protocol/embedding.js';
import type { OpenAIChatQuirks } from './openai-chat/wire.js';
import type { EmbeddingFormat } from './wire-format.js';
import { countOf, isObject, textOf } from './wire-values.js';

interface WireEmbeddings {
  readonly model?: string | null;
  readonly data?: readonly WireEmbedding[] | null;
  readonly usage?: { readonly prompt_tokens?: number | null; readonly total_tokens?: number | null } | null;
}

interface WireEmbedding {
  readonly index?: number | null;
  /** Text when base64 was asked for through `vendor`: 32-bit floats, little endian. */
  readonly embedding?: readonly number[] | string | null;
}

const MAX_TEXTS = 2048;
const FLOAT_BYTES = 4;

/** Undefined for a vendor that has none. */
export function openAIEmbedding({ embedding }: OpenAIChatQuirks): EmbeddingFormat | undefined {
  if (embedding === false) return undefined;
  const { maxTexts = MAX_TEXTS, dimensionsField = 'dimensions' } = embedding ?? {};
  return {
    maxTexts,
    pathOf: () => '/embeddings',
    encode: ({ model, texts, dimensions, vendor }) => ({
      model,
      input: texts,
      encoding_format: 'float',
      ...(dimensions === undefined ? {} : { [dimensionsField]: dimensions }),
      ...vendor,
    }),
    decode: decodeEmbeddings,
  };
}

/** Undefined unless there is one vector of numbers for each text. Order is that of the indexes, which servers may mix. */
function decodeEmbeddings(raw: unknown, { texts, model }: EmbedRequest): EmbedAnswer | undefined {
  if (!isObject(raw)) return undefined;
  const wire = raw as WireEmbeddings;
  if (!Array.isArray(wire.data) || wire.data.length !== texts.length) return undefined;
  const vectors: (readonly number[])[] = new Array(texts.length);
  for (const [position, item] of wire.data.entries()) {
    if (!isObject(item)) return undefined;
    const { index, embedding } = item as WireEmbedding;
    const at = countOf(index) ?? position;
    const vector = vectorOf(embedding);
    if (vector === undefined || !(at in texts) || at in vectors) return undefined;
    vectors[at] = Object.freeze(vector);
  }
  return {
    model: textOf(wire.model) || model,
    vectors: Object.freeze(vectors),
    inputTokens: countOf(wire.usage?.prompt_tokens) ?? countOf(wire.usage?.total_tokens),
  };
}

function vectorOf(given: WireEmbedding['embedding']): readonly number[] | undefined {
  if (typeof given === 'string') return floatsOf(Buffer.from(given, 'base64'));
  if (!Array.isArray(given) || given.length === 0) return undefined;
  return given.every((value) => Number.isFinite(value)) ? given : undefined;
}

function floatsOf(bytes: Buffer): readonly number[] | undefined {
  if (bytes.length === 0 || bytes.length % FLOAT_BYTES !== 0) return undefined;
  const values = Array.from({ length: bytes.length / FLOAT_BYTES }, (_, i) => bytes.readFloatLE(i * FLOAT_BYTES));
  return values.every(Number.isFinite) ? values : undefined;
}
