import { EngineError } from '../../errors.ts'
import { textOf, unlessNothing, wrongArgument } from './arguments.ts'
import type { Entry } from './contract.ts'
import { formatInstant, isDate, parseInstant, two } from './instant.ts'
import { instantOf, wallOf, ZONED, type Zone, zoneOf } from './zones.ts'

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const WEEKDAYS = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ')

/** A time in parts: what the wall shows, as if that were UTC, the digits of its second and the offset in minutes. */
interface Shown {
  readonly wall: Date
  readonly fraction: string
  readonly offset: number
}

/** How a token of a pattern is written, and the expression that reads it. */
interface Token {
  readonly read: string
  write(shown: Shown): string
}

const four = (year: number): string => String(year).padStart(4, '0')
const hour12 = ({ wall }: Shown): number => wall.getUTCHours() % 12 || 12
const clock = (offset: number, colon: string): string => {
  const minutes = Math.abs(offset)
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${colon}${two(minutes % 60)}`
}

const TOKENS: Readonly<Record<string, Token>> = {
  YYYY: { read: '\\d{4}', write: ({ wall }) => four(wall.getUTCFullYear()) },
  YY: { read: '\\d\\d', write: ({ wall }) => four(wall.getUTCFullYear()).slice(2) },
  MMM: { read: MONTHS.join('|'), write: ({ wall }) => MONTHS[wall.getUTCMonth()] ?? '' },
  MM: { read: '\\d\\d', write: ({ wall }) => two(wall.getUTCMonth() + 1) },
  M: { read: '\\d\\d?', write: ({ wall }) => String(wall.getUTCMonth() + 1) },
  DD: { read: '\\d\\d', write: ({ wall }) => two(wall.getUTCDate()) },
  D: { read: '\\d\\d?', write: ({ wall }) => String(wall.getUTCDate()) },
  ddd: { read: WEEKDAYS.join('|'), write: ({ wall }) => WEEKDAYS[wall.getUTCDay()] ?? '' },
  HH: { read: '\\d\\d', write: ({ wall }) => two(wall.getUTCHours()) },
  H: { read: '\\d\\d?', write: ({ wall }) => String(wall.getUTCHours()) },
  hh: { read: '\\d\\d', write: (shown) => two(hour12(shown)) },
  h: { read: '\\d\\d?', write: (shown) => String(hour12(shown)) },
  mm: { read: '\\d\\d', write: ({ wall }) => two(wall.getUTCMinutes()) },
  ss: { read: '\\d\\d', write: ({ wall }) => two(wall.getUTCSeconds()) },
  SSS: { read: '\\d{1,9}', write: ({ fraction }) => fraction.slice(0, 3).padEnd(3, '0') },
  A: { read: '[AaPp][Mm]', write: ({ wall }) => (wall.getUTCHours() < 12 ? 'AM' : 'PM') },
  ZZ: { read: '[+-]\\d{4}', write: ({ offset }) => clock(offset, '') },
  Z: { read: 'Z|[+-]\\d\\d:?\\d\\d', write: ({ offset }) => clock(offset, ':') },
}

/** A piece of a pattern: a token, or text that stands for itself. */
type Piece = { readonly token: string } | { readonly text: string }

const MOST_PATTERN = 100
const MOST_PATTERNS = 200
const patterns = new Map<string, readonly Piece[]>()

function piecesOf(pattern: unknown): readonly Piece[] {
  if (typeof pattern !== 'string' || pattern === '' || pattern.length > MOST_PATTERN) {
    throw wrongArgument(`A pattern of 1 to ${MOST_PATTERN} characters`, pattern, HINT)
  }
  const known = patterns.get(pattern)
  if (known !== undefined) return known
  const pieces = (pattern.match(/\[[^\]]*\]|([A-Za-z])\1*|[^A-Za-z[]+|\[/g) ?? []).map(pieceOf)
  if (patterns.size >= MOST_PATTERNS) patterns.clear()
  patterns.set(pattern, pieces)
  return pieces
}

const HINT = `Its parts are ${Object.keys(TOKENS).join(' ')}; other letters stand in brackets: DD MMM YYYY [at] HH:mm.`

function pieceOf(part: string): Piece {
  if (part.startsWith('[') && part.endsWith(']') && part.length > 1) return { text: part.slice(1, -1) }
  if (part === 'T' || !/^[A-Za-z]/.test(part)) return { text: part }
  if (Object.hasOwn(TOKENS, part)) return { token: part }
  throw new EngineError('invalid_parameter', `\`${part}\` is no part of a time pattern`, { hint: HINT })
}

function format(time: unknown, pattern: unknown, zone: unknown): string {
  const pieces = piecesOf(pattern)
  const { ms, fraction } = parseInstant(time)
  const wall = isDate(time) ? ms : wallOf(ms, zoneOf(zone))
  const shown = { wall: new Date(wall), fraction, offset: Math.round((wall - ms) / 60_000) }
  return pieces.map((piece) => ('text' in piece ? piece.text : (TOKENS[piece.token]?.write(shown) ?? ''))).join('')
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** What the tokens of a pattern have in a text. Throws where the text does not fit. */
function partsOf(text: string, pattern: unknown): Map<string, string> {
  const pieces = piecesOf(pattern)
  const tokens = pieces.flatMap((piece) => ('token' in piece ? [piece.token] : []))
  const source = pieces.map((piece) => ('text' in piece ? escaped(piece.text) : `(${TOKENS[piece.token]?.read})`))
  const found = new RegExp(`^${source.join('')}$`).exec(text.trim())
  if (found === null) throw wrongArgument(`A time written as ${String(pattern)}`, text, HINT)
  return new Map(tokens.map((token, at) => [token, found[at + 1] ?? '']))
}

/** The first of some tokens as a number; undefined where the pattern has none of them. */
function numberOf(parts: ReadonlyMap<string, string>, ...tokens: string[]): number | undefined {
  const text = tokens.map((token) => parts.get(token)).find((part) => part !== undefined)
  return text === undefined ? undefined : Number(text)
}

function parse(text: unknown, pattern: unknown, zone: unknown): string {
  const parts = partsOf(textOf(text, 'A time'), pattern)
  const name = parts.get('MMM')
  const month = name === undefined ? numberOf(parts, 'MM', 'M') : MONTHS.indexOf(name) + 1
  const year = numberOf(parts, 'YYYY') ?? 2000 + (numberOf(parts, 'YY') ?? Number.NaN)
  const date = `${four(year)}-${two(month ?? 1)}-${two(numberOf(parts, 'DD', 'D') ?? 1)}`
  if (Number.isNaN(year)) throw wrongArgument('A pattern with a year', pattern, HINT)
  const hour = hourOf(parts)
  if (hour === undefined) return formatInstant(parseInstant(date)).slice(0, 10)
  const time = `${two(hour)}:${two(numberOf(parts, 'mm') ?? 0)}:${two(numberOf(parts, 'ss') ?? 0)}`
  const fraction = parts.has('SSS') ? `.${parts.get('SSS')}` : ''
  const offset = parts.get('Z') ?? parts.get('ZZ')
  if (offset !== undefined) return formatInstant(parseInstant(`${date}T${time}${fraction}${offset}`))
  return inZone(`${date}T${time}${fraction}Z`, zone)
}

function inZone(shown: string, name: unknown): string {
  if (name === undefined) {
    throw new EngineError('invalid_parameter', 'A time without an offset needs a zone', {
      hint: 'Give it as the third argument: "UTC", "Europe/Amsterdam".',
    })
  }
  const zone: Zone = zoneOf(name)
  const { ms, fraction } = parseInstant(shown)
  return formatInstant({ ms: instantOf(ms, zone), fraction })
}

function hourOf(parts: ReadonlyMap<string, string>): number | undefined {
  const half = parts.get('A')?.toUpperCase()
  const hour = numberOf(parts, 'HH', 'H') ?? numberOf(parts, 'hh', 'h')
  if (half === undefined || hour === undefined) return hour
  return hour > 12 ? Number.NaN : (hour % 12) + (half === 'PM' ? 12 : 0)
}

/** Functions that write and read times in other forms than RFC 3339. */
export const TIME_TEXT: readonly Entry[] = [
  {
    name: 'formatTime',
    signature: '$formatTime(time: string, pattern: string, zone?: string): string',
    doc: `A time (RFC 3339) or date in another form, in UTC or a zone such as Europe/Paris. Parts of the pattern: YYYY YY, MMM (Jan)
MM M, DD D, ddd (Mon), HH H, hh h with A (AM), mm, ss, SSS (milliseconds), Z (+01:00) ZZ (+0100). T and all that is no letter stand
for themselves, other letters in brackets. Null gives null.`,
    examples: [
      { expr: '$formatTime("2024-01-31T23:05:00Z", "DD/MM/YYYY HH:mm")', result: '31/01/2024 23:05' },
      { expr: '$formatTime(due, "D MMM YYYY")', record: { due: '2024-02-01' }, result: '1 Feb 2024' },
      {
        expr: '$formatTime("2024-07-01T10:00:00Z", "YYYY-MM-DDTHH:mm:ssZ", "Europe/Paris")',
        result: '2024-07-01T12:00:00+02:00',
      },
    ],
    cost: ZONED,
    implementation: unlessNothing(format),
  },
  {
    name: 'parseTime',
    signature: '$parseTime(text: string, pattern: string, zone?: string): string',
    doc: `The inverse of $formatTime, with the same patterns: RFC 3339 in UTC, or a date where the pattern has no hour. A time
without an offset needs the zone it is meant in; YY is 2000 to 2099. A text that does not fit is an error. Null gives null.`,
    examples: [
      { expr: '$parseTime("31/01/2024", "DD/MM/YYYY")', result: '2024-01-31' },
      {
        expr: '$parseTime(paid, "YYYY-MM-DD HH:mm:ss", "Asia/Kolkata")',
        record: { paid: '2024-02-01 05:30:00' },
        result: '2024-02-01T00:00:00Z',
      },
      { expr: '$parseTime("2024/01/31 04:00:00 -0800", "YYYY/MM/DD HH:mm:ss ZZ")', result: '2024-01-31T12:00:00Z' },
    ],
    cost: ZONED,
    implementation: unlessNothing(parse),
  },
]
