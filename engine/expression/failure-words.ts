import { describe } from './library/arguments.ts'
import { usageOf } from './usages.ts'

/** What the jsonata package throws: a code with what it names. Every part may be missing. */
export interface Thrown {
  readonly code?: unknown
  readonly position?: unknown
  readonly token?: unknown
  readonly message?: unknown
  readonly value?: unknown
  readonly value2?: unknown
  readonly index?: unknown
  readonly type?: unknown
  readonly functionName?: unknown
  readonly name?: unknown
}

/** What failed, and what to do about it; `part` is the piece of the expression whose value was wrong. */
interface Words {
  readonly says: (failure: Thrown) => string
  readonly repair: string | ((failure: Thrown, part: string) => string)
}

const is = ({ value }: Thrown): string => describe(value)
const called = ({ token, functionName }: Thrown): string => `$${String(token ?? functionName ?? '')}`

/** The operator that failed; JSONata names \`and\` and \`or\` for whatever fails inside of them. */
const operator = ({ token }: Thrown): string =>
  token === 'and' || token === 'or' ? `an operator inside of \`${token}\`` : `\`${String(token)}\``

/** What to do with a value that is no number. */
function asNumber({ value }: Thrown, part: string): string {
  if (value === null) return `Say what counts without a value: \`${part} = null ? null : ...\`.`
  if (typeof value === 'string')
    return `Make a number of the text first: \`$toNumber(${part})\`, or $decimalAdd and its kin for decimals.`
  if (Array.isArray(value)) return `Take one of them, \`${part}[0]\`, or add them up: \`$sum(${part})\`.`
  if (typeof value === 'boolean') return `Choose a number for each: \`${part} ? 1 : 0\`.`
  if (typeof value === 'object') return 'Choose one field of it.'
  return 'Let it be a finite number.'
}

/** What to do with a value that is no text. */
function asText({ value }: Thrown, part: string): string {
  if (value === null) return `Say what counts without a value: \`${part} = null ? null : ...\`.`
  if (Array.isArray(value)) return `Take one of them, \`${part}[0]\`, or join them: \`$join(${part}, ", ")\`.`
  if (typeof value === 'object') return 'Choose one field of it.'
  return `Make a text of it first: \`$string(${part})\`.`
}

/** What to do with a value that an argument cannot be. */
function asArgument(failure: Thrown, part: string): string {
  const { usage, kind } = wanted(failure)
  const call = usage === undefined ? '' : `It is called as \`${usage}\`. `
  if (kind === undefined || failure.value === undefined) return `${call}Look at the number of arguments.`
  if (kind === 'a text' || kind === 'a text or a regular expression') return call + asText(failure, part)
  if (kind === 'a number') return call + asNumber(failure, part)
  return `${call}${failure.value === null ? `Say what counts without a value: \`${part} = null ? null : ...\`.` : `Give ${kind}.`}`
}

/** How the function is called whose argument failed, and what that argument must be; undefined where there is no such. */
function wanted({ token, index }: Thrown): { usage: string | undefined; kind: string | undefined } {
  const usage = usageOf(String(token))
  const names = usage?.slice(usage.indexOf('(') + 1, -1).split(', ') ?? []
  const name = names[Number(index) - 1]?.replace('?', '')
  return { usage, kind: name === undefined ? undefined : (KINDS[name] ?? 'something else') }
}

/** What the arguments of JSONata's functions must be, by the names they have in usages.ts. */
const KINDS: Readonly<Record<string, string>> = {
  ...named('a text', 'text key part separator replacement picture offset filling'),
  ...named('a number', 'number radix decimals exponent width limit start length'),
  ...named('an object', 'object options'),
  ...named('an array', 'array'),
  ...named('an array of numbers', 'numbers'),
  ...named('an array of texts', 'texts'),
  ...named('an array of objects', 'objects'),
  ...named('a function', 'function'),
  ...named('a text or a regular expression', 'pattern'),
}

function named(kind: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]))
}

function argumentWords(failure: Thrown): string {
  const { usage, kind } = wanted(failure)
  const which = `argument ${String(failure.index)} of ${called(failure)}`
  if (usage !== undefined && kind === undefined) return `${which} is one too many`
  if (failure.value === undefined) return `${which} is missing`
  return kind === undefined ? `${which} cannot be ${is(failure)}` : `${which} must be ${kind}, not ${is(failure)}`
}

/** What to do with a list that has items of another kind. */
function asItems(failure: Thrown, part: string): string {
  const usage = usageOf(String(failure.token))
  const each = { numbers: '$toNumber', strings: '$string' }[String(failure.type)]
  const make = each === undefined ? 'Give objects only.' : `Convert the items first: \`$map(${part}, ${each})\`.`
  return `${usage === undefined ? '' : `It is called as \`${usage}\`. `}${make}`
}

const integer = (failure: Thrown, part: string): string =>
  typeof failure.value === 'number' ? `Round it first: \`$floor(${part})\`.` : asNumber(failure, part)

const comparable =
  'Compare numbers with numbers and texts with texts: `$toNumber(x)`, `$string(x)`, `$decimalCompare(x, y)`.'
const pictures = 'A simpler way to write and read times is $formatTime and $parseTime.'
const positive = 'Give a number of 0 or more.'
const textKey =
  'Make a text of it, `{ $string(key): value }`, or leave out items without one: `items[key]{ key: value }`.'
const noFunction =
  'Check the name: functions start with `$`, and are those of JSONata and of docs/reference/functions.md.'

const say = (says: Words['says'], repair: Words['repair']): Words => ({ says, repair })

const WORDS: Readonly<Record<string, Words>> = {
  T0410: say(argumentWords, asArgument),
  T0411: say(
    (f) =>
      `the arguments of ${called(f)} do not fit, also not with the current value, ${is(f)}, as argument ${String(f.index)}`,
    (f) =>
      `It is called as \`${usageOf(String(f.token)) ?? called(f)}\`. Make each argument what it must be: \`$string(x)\`, \`$toNumber(x)\`.`,
  ),
  T0412: say(
    (f) =>
      `argument ${String(f.index)} of ${called(f)} must be an array of ${f.type === 'strings' ? 'texts' : String(f.type)}`,
    asItems,
  ),
  D1001: say((f) => `the result is ${is(f)}`, 'Guard what can be zero or very large: `x = 0 ? null : y / x`.'),
  D1002: say((f) => `\`-\` wants a number, not ${is(f)}`, asNumber),
  T1003: say((f) => `the key of an object must be a text, not ${is(f)}`, textKey),
  D1004: say(
    () => 'the regular expression finds empty texts',
    'Let it take one character at least: `+` instead of `*`.',
  ),
  T1005: say(
    (f) => `\`${String(f.token)}\` is called and is no function`,
    (f) => `Write \`${called(f)}(...)\`.`,
  ),
  T1006: say(() => 'what is called is no function', noFunction),
  T1007: say(
    (f) => `\`${String(f.token)}\` is called and is no function`,
    (f) => `Write \`${called(f)}(...)\`.`,
  ),
  T1008: say(() => 'what is called with `?` is no function', noFunction),
  D1009: say(
    () => 'two keys of the object come to the same text',
    'Give each value a key of its own, or group with one pair: `items{ key: value }`.',
  ),
  T1010: say(
    (f) => `the matcher given to ${called(f)} answers with something else than a match`,
    'Give a text or a regular expression.',
  ),
  D1013: say(() => 'keys that start with `_jsonata_` are reserved', 'Choose another key.'),
  T2001: say((f) => `the left side of ${operator(f)} must be a number, not ${is(f)}`, asNumber),
  T2002: say((f) => `the right side of ${operator(f)} must be a number, not ${is(f)}`, asNumber),
  T2003: say((f) => `the left side of \`..\` must be an integer, not ${is(f)}`, integer),
  T2004: say((f) => `the right side of \`..\` must be an integer, not ${is(f)}`, integer),
  T2006: say((f) => `the right side of \`~>\` must be a function, not ${is(f)}`, noFunction),
  T2007: say(
    (f) => `\`^(...)\` cannot order ${is(f)} and ${describe(f.value2)}`,
    'Order by one kind of value: `^($string(x))`, `^($toNumber(x))`.',
  ),
  T2008: say(
    (f) => `\`^(...)\` orders numbers and texts, not ${is(f)}`,
    'Leave out items without the field first: `items[$exists(x) and x != null]^(x)`.',
  ),
  T2009: say((f) => `${operator(f)} cannot compare ${is(f)} with ${describe(f.value2)}`, comparable),
  T2010: say(
    (f) => `${operator(f)} compares numbers and texts, not ${is(f)}`,
    (f, part) => (f.value === null ? `Say what counts without a value: \`${part} = null ? null : ...\`.` : comparable),
  ),
  T2011: say(
    (f) => `what a transform adds must be an object, not ${is(f)}`,
    'Write an object: `|place|{ "key": value }|`.',
  ),
  T2012: say(
    (f) => `what a transform deletes must be names, not ${is(f)}`,
    'Write a text or an array of texts: `|place|{}, ["key"]|`.',
  ),
  T2013: say(() => 'a transform needs $clone as it is', 'Do not bind `$clone`.'),
  D1011: say(() => 'its calls nest too deeply', ''),
  D2014: say(() => 'the range has too many items', ''),
  D2015: say(() => 'an array has too many items', ''),
  D3001: say(() => '$string cannot write a number that is not finite', 'Guard the division: `x = 0 ? null : y / x`.'),
  D3010: say(() => '$replace cannot look for an empty text', 'Give the text or the pattern to look for.'),
  D3011: say(() => 'the limit of $replace is negative', positive),
  D3012: say((f) => `the function given to $replace must give a text, not ${is(f)}`, asText),
  D3020: say(() => 'the limit of $split is negative', positive),
  D3030: say(
    (f) => `$number cannot read ${is(f)}`,
    (f, part) =>
      f.value === ''
        ? `$toNumber takes blank texts for missing: \`$toNumber(${part})\`.`
        : `Remove what is no digit first, such as signs of currencies and separators: \`$replace(${part}, ",", "")\`.`,
  ),
  D3040: say(() => 'the limit of $match is negative', positive),
  D3050: say(() => 'the function given to $reduce takes too few arguments', 'Write `function($sum, $item) { ... }`.'),
  D3060: say(() => '$sqrt has no result for a negative number', 'Guard it: `x < 0 ? null : $sqrt(x)`.'),
  D3061: say(() => 'the result of $power cannot be held by a number', 'Choose a smaller exponent.'),
  D3070: say(
    () => '$sort without a function sorts numbers or texts, not a mix and nothing else',
    'Say by what to sort: `items^(created)`.',
  ),
  D3100: say(() => 'the radix of $formatBase is not between 2 and 36', 'Give an integer from 2 to 36.'),
  D3110: say(
    (f) => `$toMillis reads times of ISO 8601, not ${is(f)}`,
    (_, part) => `Say how the text is written: \`$parseTime(${part}, "DD/MM/YYYY")\`.`,
  ),
  D3136: say(() => 'the picture lacks parts that a time needs', pictures),
  D3138: say(() => '$single found more than one', 'Take the first, `items[x = 1][0]`, or make the condition stricter.'),
  D3139: say(() => '$single found none', 'Where none may be there, write `items[x = 1][0]`, which then has no value.'),
  D3140: say(
    (f) => `${called(f)} cannot read ${is(f)}`,
    'The text holds a percent sign without two digits, or half of a character pair.',
  ),
  D3137: say(({ message }) => quoted(message), 'The expression itself ends so, with $error.'),
  D3141: say(({ message }) => quoted(message), 'The expression itself ends so, with $assert.'),
}

const MOST_MESSAGE = 300

const quoted = (message: unknown): string => {
  const text = String(message)
  return text.length > MOST_MESSAGE ? `${text.slice(0, MOST_MESSAGE - 1)}…` : text
}

/** What failed, in words that hold no value of the record: messages are logged, records are not. */
export function whatFailed(failure: Thrown, source: string): string {
  if (failure.name === 'RangeError') return 'it nests too deeply'
  const words = WORDS[String(failure.code)]
  if (words !== undefined) return words.says(failure)
  const message = typeof failure.message === 'string' && failure.message !== '' ? failure.message : 'it threw'
  return concealed(message, failure, source).replace(/\.\s*$/, '')
}

/** What the author can do about a failure; `part` is the path with the wrong value, where it is known. */
export function repairOf(failure: Thrown, part = 'x'): string {
  const repair = WORDS[String(failure.code)]?.repair
  if (typeof repair === 'string') return repair
  if (repair !== undefined) return repair(failure, part)
  if (/^D3(08|09|13)/.test(String(failure.code))) return `Correct the picture. ${pictures}`
  return 'Guard the part that can be missing: `x ? f(x) : null`.'
}

/** A message of JSONata with values that do not stand in the expression replaced by what they are. */
function concealed(message: string, { value, value2 }: Thrown, source: string): string {
  let result = message
  for (const part of [value, value2]) {
    if (part === undefined || (typeof part === 'string' && source.includes(part))) continue
    result = result.replaceAll(stringify(part), describe(part))
  }
  return result
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '\u0000'
  } catch {
    return '\u0000'
  }
}
