/**
 * The features whose cost is measured, one at a time on top of a bare cache: what turns each on, and what of its work is
 * in the call itself and what is not.
 */

/**
 * @typedef {object} Feature
 * @property {(sherd: any) => readonly unknown[]} options
 * @property {object} [setOptions] given with each set
 * @property {boolean} [dependsOnSize] whether it is measured at every value size
 * @property {string} onPath work inside get or set
 * @property {string} offPath work elsewhere
 */

/** The cache without anything that can be left out. */
export const BARE = 'bare';

/** @type {Record<string, Feature>} */
export const FEATURES = {
  [BARE]: { options: () => [], dependsOnSize: true, onPath: '', offPath: '' },
  ttl: {
    options: (sherd) => [sherd.withTTL('5m')],
    onPath: 'set adds the time, get compares it (both read the clock anyway)',
    offPath: 'expired entries are collected in batches by a timer',
  },
  metrics: {
    options: (sherd) => [sherd.withMetrics(true)],
    onPath: 'one call in 64 is timed; counters are kept either way',
    offPath: 'quantiles, rates and text are made when asked for',
  },
  collector: {
    options: (sherd) => {
      let events = 0;
      const count = () => void events++;
      return [sherd.withMetricsCollector({ onHit: count, onMiss: count, onSet: count, onEviction: count })];
    },
    onPath: 'a call of the collector for each operation',
    offPath: '',
  },
  weigher: {
    options: (sherd) => [sherd.withWeigher((/** @type {{ text: string }} */ value) => value.text.length)],
    dependsOnSize: true,
    onPath: 'set calls the weigher',
    offPath: '',
  },
  'memory limit': {
    options: (sherd) => [sherd.withMemoryLimit('4GiB')],
    dependsOnSize: true,
    onPath: "set serialises objects to weigh them: strings, buffers and a weigher of one's own avoid it",
    offPath: '',
  },
  'memory limit + weigher': {
    options: (sherd) => [
      sherd.withMemoryLimit('4GiB'),
      sherd.withWeigher((/** @type {{ text: string }} */ value) => value.text.length),
    ],
    onPath: 'set calls the weigher and compares the sum',
    offPath: '',
  },
  tags: {
    options: () => [],
    setOptions: { tags: ['tenant:7', 'model:example'] },
    onPath: 'set writes the tags; from the first one on, removals are told to the relations',
    offPath: 'invalidation by tag runs in slices',
  },
  'auto-tuning': {
    options: (sherd) => [sherd.withMetrics(true), sherd.withAutoTuning(true), sherd.withAutoTuneInterval('250ms')],
    onPath: 'the sampling of metrics, which it needs',
    offPath: 'a look each interval; shards move in slices',
  },
  defaults: {
    options: (sherd) => [sherd.withTTL('5m'), sherd.withMetrics(true)],
    onPath: 'ttl and metrics together',
    offPath: '',
  },
  ...codecs(),
};

function codecs() {
  /** @type {[string, string, number][]} */
  const kinds = [
    ['lz4', 'lz4', 6],
    ['deflate', 'deflate', 6],
    ['brotli', 'brotli', 6],
    ['auto', 'auto', 6],
    ['auto, level 9', 'auto', 9],
  ];
  return Object.fromEntries(
    kinds.map(([name, codec, level]) => [
      name,
      /** @type {Feature} */ ({
        options: (sherd) => [
          sherd.withCompression(true),
          sherd.withCompressionCodec(codec),
          sherd.withCompressionLevel(level),
        ],
        dependsOnSize: true,
        onPath: 'set serialises and compresses, get checks, unpacks and makes a fresh copy',
        offPath: '',
      }),
    ]),
  );
}

/** @param {string} name */
export function featureOf(name) {
  const feature = FEATURES[name.replace(/#\d+$/, '')];
  if (feature === undefined)
    throw new Error(`feature '${name}' is unknown; known: ${Object.keys(FEATURES).join(', ')}`);
  return feature;
}
