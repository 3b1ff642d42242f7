/** Compiled by tsc, never run: what type the data of an answer has. */
import { z } from 'zod';
import * as mini from 'zod/mini';
import { type AnswerSchema, type ChatResponse, createClient, type StructuredResponse } from '../../src/llm/index.js';

const client = createClient();
const city = z.object({ name: z.string(), people: z.number().optional() });

export const plain: Promise<ChatResponse> = client.chat([]);
export const typed: Promise<StructuredResponse<{ name: string; people?: number | undefined }>> = client.chat([], {
  schema: city,
});
export const made: Promise<number> = client
  .chat([], { schema: z.string().transform((text) => text.length) })
  .then(({ data }) => data);
export const small: Promise<{ a: string }> = client
  .chat([], { schema: mini.object({ a: mini.string() }) })
  .then(({ data }) => data);
declare const own: AnswerSchema<Date>;
export const other: Promise<Date> = client.chat([], { schema: own, maxTokens: 5 }).then(({ data }) => data);
export const withTools: Promise<{ name: string } | undefined> = client
  .chat([], { schema: city, tools: [{ name: 'look' }] })
  .then(({ data }) => data);

// @ts-expect-error a member of another type
export const wrong: Promise<{ name: number }> = client.chat([], { schema: city }).then(({ data }) => data);
// @ts-expect-error with tools there may be no data
export const sure: Promise<{ name: string }> = client
  .chat([], { schema: city, tools: [{ name: 'look' }] })
  .then(({ data }) => data);
// @ts-expect-error without a schema there is no data
void client.chat([]).then(({ data }) => data);
// @ts-expect-error a stream has no data
client.stream([], { schema: city });
// @ts-expect-error no schema
void client.chat([], { schema: { parse: () => 5 } });
