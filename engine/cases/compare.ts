/** Fields of a record that a case compares only when it names them. */
export const CONVENTIONAL: ReadonlySet<string> = new Set([
  'object',
  'provider',
  'integrated_account_id',
  'tenant_id',
  'livemode',
  'is_deleted',
  'remote_url',
  '_meta',
])

type Json = Readonly<Record<string, unknown>>

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isEmpty = (value: unknown): boolean => value === undefined || value === null

/** How what came out differs from what was expected, one line each. Null and absent are the same. */
export function differences(expected: unknown, actual: unknown, where = ''): string[] {
  if (isEmpty(expected) && isEmpty(actual)) return []
  if (isObject(expected) && isObject(actual)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)])
    return [...names].flatMap((name) =>
      differences(expected[name], actual[name], where === '' ? name : `${where}.${name}`),
    )
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const length =
      expected.length === actual.length ? [] : [`${at(where)}has ${actual.length} entries, not ${expected.length}`]
    const shared = Math.min(expected.length, actual.length)
    return [
      ...length,
      ...expected.slice(0, shared).flatMap((each, index) => differences(each, actual[index], `${where}[${index}]`)),
    ]
  }
  return Object.is(expected, actual) ? [] : [`${at(where)}is ${show(actual)}, not ${show(expected)}`]
}

const at = (where: string): string => (where === '' ? 'it ' : `\`${where}\` `)

/** How a record differs; conventional fields count only when they are named. */
export function recordDifferences(expected: unknown, actual: unknown, where = ''): string[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const counts =
      expected.length === actual.length ? [] : [`there are ${actual.length} records, not ${expected.length}`]
    const shared = Math.min(expected.length, actual.length)
    const each = expected.slice(0, shared).flatMap((one, index) => recordDifferences(one, actual[index], `[${index}]`))
    return [...counts, ...each]
  }
  if (!isObject(expected) || !isObject(actual)) return differences(expected, actual, where)
  const compared = Object.entries(actual).filter(([name]) => name in expected || !CONVENTIONAL.has(name))
  return differences(expected, Object.fromEntries(compared), where)
}

const MOST = 200

/** A value as JSON, cut when it is long. */
export function show(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value)
  return text.length > MOST ? `${text.slice(0, MOST)}...` : text
}
