/** What the setting of the router may be. */

import type { ValueType } from '../options/value-type.js';
import { boolean, callback, decimal, integer } from '../options/value-type.js';
import type { CandidatePrice, Capabilities, RouterCandidate, RouterSettings } from './config.js';
import type { SelectRoute } from './route-types.js';
import { groupOf } from './setting-types.js';
import { targetListType, targetMembers } from './target-types.js';

const flag = { type: boolean, fallback: undefined };
const price = { type: decimal({ min: 0, max: 1_000_000 }) };

const candidateType = groupOf<RouterCandidate>('a provider, or an object that names one', {
  ...targetMembers,
  capabilities: {
    type: groupOf<Capabilities>('an object with tools, images, jsonSchema or contextTokens', {
      tools: flag,
      images: flag,
      jsonSchema: flag,
      contextTokens: { type: integer({ min: 1, max: 1_000_000_000 }), fallback: undefined },
    }),
    fallback: undefined,
  },
  price: {
    type: groupOf<CandidatePrice>('an object with input and output', { input: price, output: price }),
    fallback: undefined,
  },
});

export const routerType: ValueType<RouterSettings> = groupOf<RouterSettings>('an object with candidates', {
  candidates: { type: targetListType(candidateType, 1) },
  costBias: { type: decimal({ min: 0, max: 1 }), fallback: 0.5 },
  select: { type: callback<SelectRoute>('(request, candidates) => target numbers'), fallback: undefined },
});
