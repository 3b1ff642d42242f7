/**
 * A schema as the provider is told it: JSON Schema by zod, which is loaded at the first schema, or the schema's own words.
 * Each schema is translated once.
 */
import { ConfigError } from '../core/errors.js';
import type { ResponseFormat } from '../protocol/chat.js';
import { AnswerCheck } from './answer-check.js';
import { printKind } from './call.js';
import type { AnswerSchema } from './types.js';

/** What is known of a schema: its number, and how it is said. */
interface Translation {
  readonly id: number;
  readonly format: ResponseFormat;
}

export interface Wanted {
  readonly check: AnswerCheck;
  readonly format: ResponseFormat;
}

type JsonSchema = Readonly<Record<string, unknown>>;

let translated = 0;
const translations = new WeakMap<object, Translation>();

/** `format` may name the schema and say how strict the provider is to be. Throws a ConfigError for what is no schema. */
export async function wantedOf(schema: AnswerSchema<unknown>, format: ResponseFormat | undefined): Promise<Wanted> {
  const { safeParse } = schema as Partial<AnswerSchema<unknown>>;
  if (typeof safeParse !== 'function')
    throw badSchema('a schema with safeParse(), like one of zod 4', printKind(schema));
  let translation = translations.get(schema);
  if (translation === undefined) {
    const json = await jsonSchemaOf(schema);
    // Others may have come here meanwhile: calls of one schema fly together, so the first number is everybody's.
    translation = translations.get(schema) ?? translate(schema, json);
  }
  const { kind, schema: json } = translation.format;
  const said = { ...translation.format, ...format, kind, ...(json === undefined ? {} : { schema: json }) };
  return { check: new AnswerCheck(schema, translation.id), format: Object.freeze(said) };
}

function translate(schema: object, json: JsonSchema): Translation {
  const said: ResponseFormat = { kind: 'json-schema', name: 'answer', schema: json, strict: isStrict(json) };
  const translation = { id: ++translated, format: Object.freeze(said) };
  translations.set(schema, translation);
  return translation;
}

async function jsonSchemaOf(schema: AnswerSchema<unknown>): Promise<JsonSchema> {
  if (typeof schema.jsonSchema === 'object') return schema.jsonSchema as JsonSchema;
  const zod = await import('zod').catch((cause: unknown) => {
    throw badSchema('the package zod 4 beside sherd, or a schema with a jsonSchema of its own', 'neither', cause);
  });
  try {
    // Of what is parsed, not of what comes out: a schema may transform.
    const { $schema: _, ...json } = zod.toJSONSchema(schema as never, { io: 'input', override: closeObject });
    return json;
  } catch (cause) {
    throw badSchema(
      'a zod 4 schema that JSON Schema can say',
      cause instanceof TypeError ? 'another' : String(cause),
      cause,
    );
  }
}

/** A plain z.object drops what it does not know; a model had better not write it. */
function closeObject({ jsonSchema }: { readonly jsonSchema: Record<string, unknown> }): void {
  if (jsonSchema['type'] === 'object') jsonSchema['additionalProperties'] ??= false;
}

/** Strict modes take objects only of which every member is known and required. O(schema). */
function isStrict(node: unknown): boolean {
  if (Array.isArray(node)) return node.every(isStrict);
  if (typeof node !== 'object' || node === null) return true;
  const { type, properties, required, additionalProperties } = node as JsonSchema;
  if (type === 'object') {
    const names = Object.keys((properties as object | undefined) ?? {});
    const isComplete = names.every((name) => Array.isArray(required) && required.includes(name));
    if (additionalProperties !== false || !isComplete) return false;
  }
  return Object.values(node).every(isStrict);
}

function badSchema(expected: string, received: string, cause?: unknown): ConfigError {
  return new ConfigError('this call', [{ path: 'schema', expected, received, setBy: 'the call' }], { cause });
}
