import { EngineError } from '../../errors.ts'
import { CALENDAR } from './calendar.ts'
import { COLLECTIONS } from './collections.ts'
import type { Entry, LibraryFunction } from './contract.ts'
import { CONVERT } from './convert.ts'
import { DECIMALS } from './decimals.ts'
import { ENCODING } from './encoding.ts'
import { MONEY } from './money.ts'
import { PLACE } from './place.ts'
import { SHAPE } from './shape.ts'
import { readSignature } from './signature.ts'
import { TEXT } from './text.ts'
import { TIME } from './time.ts'
import { TIME_TEXT } from './time-text.ts'
import { URLS } from './url.ts'

/** All functions as their files define them, by what they are for. */
export const GROUPS: Readonly<Record<string, readonly Entry[]>> = {
  'amounts and currencies': MONEY,
  'exact decimals': DECIMALS,
  'instants and dates': TIME,
  'reckoning with time': CALENDAR,
  'other forms of time': TIME_TEXT,
  'choosing and reshaping': SHAPE,
  'lists and objects': COLLECTIONS,
  'names, contacts, cards': TEXT,
  'countries and addresses': PLACE,
  'reading texts': CONVERT,
  'encoding, hashing, signing': ENCODING,
  'URLs and queries': URLS,
}

/** Longest text that a function takes, in UTF-16 units. */
const MOST_TEXT = 1_048_576
/** Most items of a list that a function takes. */
const MOST_ITEMS = 100_000
/** Fuel of a call that names no other. */
const COST = 20

/** The functions that definitions have beside JSONata's own, by name without `$`, in alphabetical order. */
export const FUNCTIONS: ReadonlyMap<string, LibraryFunction> = new Map(
  Object.values(GROUPS)
    .flat()
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => [entry.name, registered(entry)]),
)

/** The function with what its signature says, and with bounds on its arguments. */
function registered(entry: Entry): LibraryFunction {
  const { parameters, takesMore, result } = readSignature(entry.signature)
  const arity = takesMore ? 3 : (parameters.length as LibraryFunction['arity'])
  const most = takesMore ? Number.POSITIVE_INFINITY : arity
  const implementation: Entry['implementation'] = (args, hidden) => {
    if (args.length > most) throw tooMany(entry, arity, args.length)
    for (const arg of args) if (isLarge(arg)) throw tooLarge(arg)
    return entry.implementation(args, hidden)
  }
  return Object.freeze({ cost: COST, ...entry, parameters, result, arity, implementation })
}

/** Surplus arguments are refused, which JSONata would drop without a word. */
function tooMany({ signature }: Entry, arity: number, given: number): EngineError {
  const most = `it takes ${arity === 1 ? 'one argument' : `${arity} arguments`} at most, not ${given}`
  return new EngineError('invalid_parameter', most, { hint: `Write \`${signature}\`.` })
}

const isLarge = (value: unknown): value is string | unknown[] =>
  typeof value === 'string' ? value.length > MOST_TEXT : Array.isArray(value) && value.length > MOST_ITEMS

function tooLarge(value: string | unknown[]): EngineError {
  const [what, most] = typeof value === 'string' ? ['text', MOST_TEXT] : ['list', MOST_ITEMS]
  const hint = 'Cut it down before the call.'
  return new EngineError('invalid_parameter', `a ${what} has at most ${most} parts, this one has ${value.length}`, {
    hint,
  })
}
