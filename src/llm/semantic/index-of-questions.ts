/**
 * The questions whose answers are stored: vectors and facts, in groups that share everything but the question. Holds names
 * of answers, never answers: what the cache has lost is found by nobody. Bounded; the least used question leaves first.
 */
import { LRUCache } from 'lru-cache';
import type { Facts } from './facts.js';

export interface Question {
  /** Equal for questions that differ in their words only. */
  readonly group: string;
  /** The name of its answer. */
  readonly key: string;
  readonly text: string;
  readonly facts: Facts;
}

export interface Neighbour {
  readonly key: string;
  readonly facts: Facts;
  /** Cosine, -1..1. */
  readonly similarity: number;
}

interface Entry {
  readonly group: string;
  readonly facts: Facts;
  /** Of length 1. */
  readonly vector: Float32Array;
}

export class IndexOfQuestions {
  readonly #entries: LRUCache<string, Entry>;
  readonly #groups = new Map<string, Set<string>>();

  constructor(maxEntries: number) {
    this.#entries = new LRUCache({ max: maxEntries, dispose: ({ group }, key) => this.#leave(group, key) });
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Those of the group at least this near, nearest first. O(group x dimensions). */
  nearest({ group }: Question, vector: Float32Array, threshold: number): readonly Neighbour[] {
    const near: Neighbour[] = [];
    for (const key of this.#groups.get(group) ?? []) {
      const entry = this.#entries.peek(key);
      if (entry === undefined || entry.vector.length !== vector.length) continue;
      const similarity = dot(entry.vector, vector);
      if (similarity >= threshold) near.push({ key, facts: entry.facts, similarity });
    }
    return near.sort((one, other) => other.similarity - one.similarity);
  }

  add({ group, key, facts }: Question, vector: Float32Array): void {
    // Replacing an entry disposes of the one before: the group is told after it.
    this.#entries.set(key, { group, facts, vector });
    const keys = this.#groups.get(group);
    if (keys === undefined) this.#groups.set(group, new Set([key]));
    else keys.add(key);
  }

  /** The question has been of use. */
  touch(key: string): void {
    this.#entries.get(key);
  }

  #leave(group: string, key: string): void {
    const keys = this.#groups.get(group);
    keys?.delete(key);
    if (keys?.size === 0) this.#groups.delete(group);
  }
}

/** The vector at length 1; undefined for what is none, or points nowhere. */
export function unitVector(values: unknown): Float32Array | undefined {
  if (!Array.isArray(values) && !(values instanceof Float32Array)) return undefined;
  let squares = 0;
  for (const value of values) squares += Number(value) ** 2;
  const length = Math.sqrt(squares);
  return length > 0 && Number.isFinite(length)
    ? Float32Array.from(values, (value) => Number(value) / length)
    : undefined;
}

/** Rounding may carry it over 1. */
function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (one[i] as number) * (other[i] as number);
  return Math.min(1, sum);
}
