/** The recommendations of the guide for this machine: its CPU count filled in. */
import { availableParallelism } from 'node:os';
import {
  calculateOptimalShards as optimalShards,
  recommendForTraffic as recommend,
  recommendShardCount as recommendShards,
  type TrafficRecommendation,
} from '../adaptive/traffic-tiers.js';

/** The row of the guide's matrix for `qps` requests a second. `cpus` defaults to what the process may use. */
export function recommendForTraffic(qps: number, cpus: number = availableParallelism()): TrafficRecommendation {
  return recommend(qps, cpus);
}

/** Shards for `qps` requests a second: CPU x 1, 2, 4 or 8, rounded up to a power of two. Guide, Adaptive Shard Count. */
export function calculateOptimalShards(qps: number, cpus: number = availableParallelism()): number {
  return optimalShards(qps, cpus);
}

/** As calculateOptimalShards, and no more shards than leave each enough entries to evict well. */
export function recommendShardCount(qps: number, capacity: number, cpus: number = availableParallelism()): number {
  return recommendShards({ qps, cpus, capacity });
}
