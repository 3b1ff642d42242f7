/** The cache profiles that ship with the package, inlined at build. Data only. */
import balanced from '../../profiles/cache/balanced.json' with { type: 'json' };
import bursty from '../../profiles/cache/bursty.json' with { type: 'json' };
import highThroughput from '../../profiles/cache/high-throughput.json' with { type: 'json' };
import lowLatency from '../../profiles/cache/low-latency.json' with { type: 'json' };
import memoryEfficient from '../../profiles/cache/memory-efficient.json' with { type: 'json' };
import mixed from '../../profiles/cache/mixed.json' with { type: 'json' };
import readHeavy from '../../profiles/cache/read-heavy.json' with { type: 'json' };
import writeHeavy from '../../profiles/cache/write-heavy.json' with { type: 'json' };
import { type ProfileTable, profileTable } from '../options/profile.js';

/** Named after a workload: what the traffic is like. */
export const workloadProfiles: ProfileTable = profileTable([readHeavy, writeHeavy, mixed, bursty]);
/** Named after an aim: what matters most. */
export const performanceProfiles: ProfileTable = profileTable([lowLatency, highThroughput, balanced, memoryEfficient]);
/** All of them. */
export const cacheProfiles: ProfileTable = new Map([...workloadProfiles, ...performanceProfiles]);
