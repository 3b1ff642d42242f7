/**
 * What single English words mean to the gates of the semantic cache: nothing by themselves, the same as another word, or
 * so much that both questions have to have them. Data, to be extended by what the corpus shows.
 */

const list = (words: string): readonly string[] => words.trim().split(/\s+/);

/** Change no question: articles, pronouns, politeness, the verbs of asking. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  list(`
    a an the is are am be being been do does doing can could would i you me my mine your yours we us our they them their it
    its this that these those of to in at for and please just kindly explain clarify tell hi hello hey thanks thank so then
    there here some any way s d m re ve ll t
  `),
);

/** Who is meant; and whose it is. */
export const PERSONS: ReadonlyMap<string, string> = new Map(
  Object.entries({ i: 'i', me: 'i', my: 'i', mine: 'i', we: 'i', us: 'i', our: 'i' })
    .concat(['you', 'your', 'yours'].map((word) => [word, 'you']))
    .concat(['they', 'them', 'their'].map((word) => [word, 'they'])),
);
export const OWNERS: ReadonlySet<string> = new Set(list('my mine our your yours their'));

/** Only English has enough of these; the words of other languages mean nothing to the tables. */
export const ENGLISH_MARKERS: ReadonlySet<string> = new Set(
  list(`
    the is are what how does do can my to you your why who where when which this it and for with should i did were would
    there than not have us they many been
  `),
);

const NEGATIONS = list(`
  not no never none nothing nobody nowhere neither nor without cannot unable except excluding exclude excludes excluded
  unless dislike hate avoid avoiding avoids prevent preventing prevents hardly rarely seldom instead lack lacks lacking refuse deny
`);

/** Words of one meaning, the first stands for all. */
const SYNONYMS = `
  fix repair mend | delete remove erase | create make build | begin start | buy purchase | big large | quick fast rapid |
  car automobile | method approach technique | find locate | get obtain | choose select pick |
  change alter | end finish | job occupation | movie film | holiday vacation | doctor physician |
  child kid | children kids | photo picture photograph | phone telephone | store shop | sick ill |
  difference distinction | meaning definition | what which | many much | cost price |
  color colour | center centre | favorite favourite | organize organise | analyze analyse | license licence | gray grey |
  tire tyre | theater theatre | ok okay | pc computer | info information | ad advertisement |
  bike bicycle | tv television | math maths mathematics | vs versus | use utilize utilise |
  sum total | autumn fall | rubbish trash garbage | soccer football | lift elevator | flat apartment
`;

/** Units, times and quantities: what is asked depends on them. */
const UNITS = `
  km kilometer kilometre kilometers kilometres | m meter metre meters metres | cm centimeter centimetre centimeters
  centimetres | mm millimeter millimetre millimeters millimetres | mi mile miles | ft foot feet | inch inches |
  yd yard yards | kg kilogram kilograms kilo kilos | g gram grams | mg milligram milligrams | lb lbs pound pounds |
  oz ounce ounces | l liter litre liters litres | ml milliliter millilitre milliliters millilitres | gallon gallons |
  celsius | fahrenheit | kelvin | ms millisecond milliseconds | sec secs seconds | min mins minute minutes |
  hr hrs hour hours | day days | week weeks | month months | year years | decade decades | century centuries |
  kb kilobyte kilobytes | mb megabyte megabytes | gb gigabyte gigabytes | tb terabyte terabytes | bit bits | byte bytes |
  dollar dollars usd | euro euros eur | yen | watt watts | kw kilowatt kilowatts | volt volts | percent percentage |
  acre acres | hectare hectares | cup cups | tbsp tablespoon tablespoons | tsp teaspoon teaspoons | mph | kph kmh |
  today | tomorrow | yesterday | tonight | now currently | weekly | daily | monthly | yearly annually annual | am | pm | bc | ad |
  monday mon | tuesday tue | wednesday wed | thursday thu | friday fri | saturday | sunday |
  january jan | february feb | april apr | june jun | july jul | august aug | september sep sept | october oct |
  november nov | december dec | spring | summer | winter | morning | noon | afternoon | evening | night | midnight |
  next upcoming | previous last | current | per
`;

/** Poles and bounds: with one of them added the question is another one. */
const POLES = list(`
  on off up down out into before after above below over under inside outside within against with since until till between
  more less most least fewer greater smaller bigger larger higher lower longer shorter older younger faster slower better
  worse best worst max maximum min minimum highest lowest oldest youngest tallest shortest largest smallest longest fastest
  slowest cheapest first second third only all every each both either few several enough too also even still already yet
  should must may might will shall ought was were did had has have if than left right north south east west buy sell
  increase decrease enable disable open close public private free paid true false import export upload download encrypt
  by from about as or decrypt push pull ascending descending asc desc always sometimes often safe legal allowed
`);

const canonical = new Map<string, string>();
const critical = new Set<string>(['not']);
for (const group of `${SYNONYMS}|${UNITS}`.split('|')) join(list(group));
for (const word of POLES) join([word]);
join(['not', ...NEGATIONS]);
for (const group of UNITS.split('|')) critical.add(canonicalWord(list(group)[0] ?? ''));
for (const word of POLES) critical.add(canonicalWord(word));

/** Makes the first word stand for all, in each of their forms; a word that stands for something already stays with it. */
function join(words: readonly string[]): void {
  const [first = ''] = words;
  for (const form of words.flatMap((word) => [word, stem(word)])) {
    if (!canonical.has(form)) canonical.set(form, canonical.get(first) ?? first);
  }
}

/** The word that stands for this one; a plural or a form of a verb for its stem. */
export function canonicalWord(word: string): string {
  return canonical.get(word) ?? canonical.get(stem(word)) ?? stem(word);
}

export function isCritical(canonicalWord: string): boolean {
  return critical.has(canonicalWord);
}

/** Crude: forms that it does not join stay apart, and are no hit. */
function stem(word: string): string {
  if (/.{2}ies$/.test(word)) return `${word.slice(0, -3)}y`;
  const singular = word.replace(/(?<=.{2}[^s])s$/, '');
  return singular.replace(/(?<=.{3})(?:ing|e)$/, '');
}

const UNDER_TWENTY = list(`
  zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
  nineteen
`);
const TENS = list('twenty thirty forty fifty sixty seventy eighty ninety');
const OTHERS: Readonly<Record<string, number>> = {
  half: 0.5,
  quarter: 0.25,
  once: 1,
  twice: 2,
  double: 2,
  triple: 3,
  dozen: 12,
  hundred: 100,
  thousand: 1000,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
};

export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ...UNDER_TWENTY.map((word, value) => [word, value] as const),
  ...TENS.map((word, i) => [word, 20 + 10 * i] as const),
  ...Object.entries(OTHERS),
]);
