import { integerOf, isNothing, textOf, unlessNothing, wrongArgument } from './arguments.ts'
import type { Entry } from './contract.ts'

const words = (value: unknown): string[] =>
  isNothing(value)
    ? []
    : textOf(value)
        .split(/\s+/)
        .filter((word) => word !== '')

function splitName(full: unknown): { first_name: string; last_name: string | null } | undefined {
  const [first, ...rest] = words(full)
  return first === undefined ? undefined : { first_name: first, last_name: rest.length === 0 ? null : rest.join(' ') }
}

function joinName(parts: readonly unknown[]): string | undefined {
  const name = parts.flatMap(words).join(' ')
  return name === '' ? undefined : name
}

function last4(value: unknown): string | undefined {
  const characters = isNothing(value) ? '' : textOf(value).replace(/[^0-9A-Za-z]/g, '')
  return characters.length < 4 ? undefined : characters.slice(-4)
}

function email(value: unknown): string | undefined {
  const text = textOf(value, 'An e-mail address').trim().toLowerCase()
  return text === '' ? undefined : text
}

/** Separators of a phone number, which mean nothing. */
const SEPARATORS = /[\s().\-/\u2010-\u2015]/g

function phone(value: unknown): string | undefined {
  const text = textOf(value, 'A phone number').trim()
  if (text === '') return undefined
  const number = text.replace(SEPARATORS, '').replace(/^00/, '+')
  return /^\+?\d+$/.test(number) ? number : text
}

function truncate(value: unknown, most: unknown, ending: unknown): string {
  const [letters, marks] = [[...textOf(value)], [...textOf(ending ?? '', 'The ending, a text,')]]
  const length = integerOf(most, 'The length', 1, 1_000_000)
  if (letters.length <= length) return letters.join('')
  if (marks.length >= length) throw wrongArgument(`An ending shorter than ${length} characters`, ending)
  return [...letters.slice(0, length - marks.length), ...marks].join('')
}

const EXPIRIES = [
  /^(?<month>\d\d?)\s*[/-]\s*(?<year>\d{4}|\d\d)$/,
  /^(?<year>\d{4})-(?<month>\d\d)(?:-\d\d)?$/,
  /^(?<month>\d\d)(?<year>\d\d)$/,
]

function cardExpiry(value: unknown): { exp_month: number; exp_year: number } | undefined {
  const text = textOf(value, 'An expiry, a text,').trim()
  if (text === '') return undefined
  const found = EXPIRIES.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined)
  const [month, year] = [Number(found?.month), Number(found?.year)]
  if (!(month >= 1 && month <= 12)) {
    throw wrongArgument(
      'An expiry, month and year,',
      value,
      'Known are 03/2030, 3/30, 03-2030, 2030-03, 2030-03-31 and 0330.',
    )
  }
  return { exp_month: month, exp_year: year < 100 ? 2000 + year : year }
}

/** Functions for names, contacts and numbers of cards and accounts; JSONata has the rest ($lowercase, $trim, ...). */
export const TEXT: readonly Entry[] = [
  {
    name: 'splitName',
    signature: '$splitName(full: string): { first_name, last_name }',
    doc: 'A full name cut at its first blank; `last_name` is null for a single word. No value for a missing or blank name.',
    examples: [
      {
        expr: '$splitName(name)',
        record: { name: ' Ada  King Lovelace' },
        result: { first_name: 'Ada', last_name: 'King Lovelace' },
      },
      { expr: '$splitName(name).last_name', record: { name: 'Cher' }, result: null },
    ],
    implementation: ([full]) => splitName(full),
  },
  {
    name: 'joinName',
    signature: '$joinName(first: string, last: string): string',
    doc: 'The parts of a name with one blank between them; missing, null and blank ones are skipped. No value if all are.',
    examples: [
      { expr: '$joinName(first, last)', record: { first: 'Ada', last: 'Lovelace' }, result: 'Ada Lovelace' },
      { expr: '$joinName(first, last)', record: { first: null, last: 'Lovelace' }, result: 'Lovelace' },
    ],
    implementation: joinName,
  },
  {
    name: 'last4',
    signature: '$last4(number: string | number): string',
    doc: 'The last four letters or digits of a card or account number. No value where there are fewer.',
    examples: [
      { expr: '$last4("**** **** **** 4242")', result: '4242' },
      { expr: '$last4("12")', result: undefined },
    ],
    implementation: ([value]) => last4(value),
  },
  {
    name: 'cardExpiry',
    signature: '$cardExpiry(expiry: string): { exp_month, exp_year }',
    doc: `Month and four-digit year of a card's expiry in one text: 03/2030, 3/30, 03-2030, 2030-03, 2030-03-31, 0330. No value for
a blank text; another form is an error. Null gives null.`,
    examples: [
      { expr: '$cardExpiry("03/30")', result: { exp_month: 3, exp_year: 2030 } },
      { expr: '$cardExpiry(expiry).exp_year', record: { expiry: '2028-12' }, result: 2028 },
    ],
    implementation: unlessNothing(cardExpiry),
  },
  {
    name: 'email',
    signature: '$email(address: string): string',
    doc: 'An e-mail address trimmed and in lower case. No value for a blank text. Null gives null.',
    examples: [{ expr: '$email(contact)', record: { contact: ' Ada@Example.com' }, result: 'ada@example.com' }],
    implementation: unlessNothing(email),
  },
  {
    name: 'phone',
    signature: '$phone(number: string | integer): string',
    doc: `A phone number without separators, 00 at its start as +. A text that is more than a number, such as one with an extension,
is only trimmed. No value for a blank text. Null gives null.`,
    examples: [
      { expr: '$phone("0044 (20) 7946-0000")', result: '+442079460000' },
      { expr: '$phone(phone)', record: { phone: '020 7946 0000 ext. 5' }, result: '020 7946 0000 ext. 5' },
    ],
    implementation: unlessNothing(phone),
  },
  {
    name: 'truncate',
    signature: '$truncate(text: string, length: integer, ending?: string): string',
    doc: 'A text cut to so many characters, the ending counted in: for fields that a provider bounds. Null gives null.',
    examples: [
      {
        expr: '$truncate(descriptor, 22)',
        record: { descriptor: 'ACME INTERNATIONAL TRADING' },
        result: 'ACME INTERNATIONAL TRA',
      },
      { expr: '$truncate("Subscription", 8, "...")', result: 'Subsc...' },
    ],
    implementation: unlessNothing(truncate),
  },
]
