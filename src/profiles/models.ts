/**
 * The dated table of models: which model each provider offers for a tier, and what it costs. Model names age, so they
 * are data (profiles/models.json), inlined at build; the code knows tiers only.
 */
import table from '../../profiles/models.json' with { type: 'json' };
import type { ReasoningSettings } from '../protocol/chat.js';

/** How much model a job needs; each provider names its current one. */
export type ModelTier = 'fast' | 'balanced' | 'strong';

/** What a request may ask for beyond text. */
export type ModelFeature = 'tools' | 'images' | 'json-schema';

export interface ModelRow {
  readonly provider: string;
  readonly id: string;
  /** Context window in tokens. */
  readonly contextTokens: number | undefined;
  /** List price; undefined when the provider has none of its own. */
  readonly price: ModelPrice | undefined;
  /** False: the model refuses temperature and topP. */
  readonly acceptsSampling: boolean;
  /** The effort asked for unless the call names one; undefined leaves it to the model. */
  readonly reasoningEffort: ReasoningSettings['effort'];
  /** What it is known not to take. */
  readonly lacks: readonly ModelFeature[];
  /** The day the vendor switched it off. */
  readonly retired: string | undefined;
}

/** US dollars a million tokens. */
export interface ModelPrice {
  readonly input: number;
  /** Input that the vendor read from its prompt cache. */
  readonly cachedInput: number;
  /** Input that the vendor put into its prompt cache, for the shortest time it keeps it. */
  readonly cacheWriteInput: number;
  readonly output: number;
}

/** The day the table was last checked, `YYYY-MM-DD`. */
export const modelsAsOf: string = table.asOf;

interface JsonModel {
  readonly context?: number;
  readonly input?: number;
  readonly cachedInput?: number;
  readonly cacheWriteInput?: number;
  readonly output?: number;
  readonly reasoning?: 'none' | 'low';
  readonly sampling?: string;
  readonly lacks?: readonly string[];
  readonly retired?: string;
}

const tiers = new Map<string, Readonly<Record<string, string>>>();
const embeddingModels = new Map<string, string>();
const rows = new Map<string, ReadonlyMap<string, ModelRow>>();
for (const [provider, entry] of Object.entries(table.providers)) {
  const own = 'sameAs' in entry ? table.providers[entry.sameAs as 'openai'] : entry;
  const { tiers: ownTiers, models: ownModels } = own;
  if ('embedding' in own) embeddingModels.set(provider, own.embedding);
  tiers.set(provider, ownTiers);
  const models = Object.entries(ownModels as Readonly<Record<string, JsonModel>>);
  rows.set(provider, new Map(models.map(([id, model]) => [id, toRow(provider, id, model)])));
}

/** The provider's current model of a tier; undefined when the table has none. */
export function modelOfTier(provider: string, tier: ModelTier): string | undefined {
  return tiers.get(provider)?.[tier];
}

/** The provider's model for embeddings; undefined when the table has none. */
export function embeddingModelOf(provider: string): string | undefined {
  return embeddingModels.get(provider);
}

/** A model of a provider; a dated snapshot (`name-2026-01-31`, `name-20260131`) is its model. */
export function findModel(provider: string, model: string): ModelRow | undefined {
  const models = rows.get(provider);
  return models?.get(model) ?? models?.get(model.replace(/-(\d{4}-\d{2}-\d{2}|\d{8})$/, ''));
}

/** The providers whose own table lists the model. */
export function providersOfModel(model: string): readonly string[] {
  return [...rows.keys()].filter((provider) => findModel(provider, model) !== undefined);
}

function toRow(provider: string, id: string, model: JsonModel): ModelRow {
  return Object.freeze({
    provider,
    id,
    contextTokens: model.context,
    price: priceOf(model),
    acceptsSampling: model.sampling !== 'fixed',
    reasoningEffort: model.reasoning,
    // The table's own words.
    lacks: Object.freeze([...(model.lacks ?? [])]) as readonly ModelFeature[],
    retired: model.retired,
  });
}

function priceOf({ input, output, cachedInput, cacheWriteInput }: JsonModel): ModelPrice | undefined {
  if (input === undefined || output === undefined) return undefined;
  return Object.freeze({ input, cachedInput: cachedInput ?? input, cacheWriteInput: cacheWriteInput ?? input, output });
}
