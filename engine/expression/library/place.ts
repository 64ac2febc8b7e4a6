import { isNothing, objectOf, textOf, unlessNothing, wrongArgument } from './arguments.ts'
import type { Entry } from './contract.ts'
import { type Country, countryOf } from './countries.ts'

const HINT = 'Give its name in English or its code in ISO 3166-1: NL, NLD or 528.'

function known(value: unknown): Country | undefined {
  const text = textOf(value, 'A country').trim()
  if (text === '') return undefined
  const country = countryOf(typeof value === 'number' ? text.padStart(3, '0') : text)
  if (country === undefined) throw wrongArgument('A country', value, HINT)
  return country
}

const PARTS = ['line1', 'line2', 'city', 'region', 'postal_code', 'country']

/** The parts with something in them; undefined where there is none. A country that is not known stays as it is. */
function address(parts: unknown): Record<string, string> | undefined {
  const given = objectOf(parts, 'The parts of an address, an object,')
  const extra = Object.keys(given).find((key) => !PARTS.includes(key))
  if (extra !== undefined) throw wrongArgument(`An object of ${PARTS.join(', ')}`, given)
  const result: Record<string, string> = {}
  for (const part of PARTS) {
    const value = given[part]
    const text = isNothing(value) ? '' : textOf(value, `${part}, a text,`).trim()
    if (text !== '') result[part] = part === 'country' ? (countryOf(text)?.alpha2 ?? text) : text
  }
  return Object.keys(result).length === 0 ? undefined : result
}

/** Functions for countries and addresses. */
export const PLACE: readonly Entry[] = [
  {
    name: 'countryCode',
    signature: '$countryCode(country: string | integer): string',
    doc: `The two-letter code of ISO 3166-1 for a country given as its English name, or its code of two letters, three letters or
three digits. No value for a blank text; an unknown country is an error. Null gives null.`,
    examples: [
      { expr: '$countryCode("Netherlands")', result: 'NL' },
      { expr: '$countryCode(country)', record: { country: 'gbr' }, result: 'GB' },
      { expr: '$countryCode("Korea, Republic of")', result: 'KR' },
      { expr: '$countryCode("056")', result: 'BE' },
    ],
    implementation: unlessNothing((value) => known(value)?.alpha2),
  },
  {
    name: 'countryName',
    signature: '$countryName(country: string | integer): string',
    doc: 'The English name of a country given as $countryCode takes it. No value for a blank text. Null gives null.',
    examples: [{ expr: '$countryName(country)', record: { country: 'DE' }, result: 'Germany' }],
    implementation: unlessNothing((value) => known(value)?.name),
  },
  {
    name: 'address',
    signature: '$address(parts: object): { line1?, line2?, city?, region?, postal_code?, country? }',
    doc: `A postal address of those parts that have something in them, trimmed; \`country\` becomes its two-letter code where it is
known. No value where all are blank or missing. Another key is an error. Null gives null.`,
    examples: [
      {
        expr: '$address({ "line1": street, "city": town, "region": state, "country": land })',
        record: { street: ' 1 High St ', town: 'Leeds', state: '', land: 'United Kingdom' },
        result: { line1: '1 High St', city: 'Leeds', country: 'GB' },
      },
      { expr: '$address({ "line1": street, "city": town })', record: { street: ' ' }, result: undefined },
    ],
    implementation: unlessNothing(address),
  },
]
