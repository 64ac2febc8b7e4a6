import { Buffer } from 'node:buffer'
import { createHash, createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { isNothing, textOf, unlessNothing, wordOf, wrongArgument } from './arguments.ts'
import type { Entry } from './contract.ts'

const ALGORITHMS = ['sha256', 'sha1', 'sha512', 'sha384', 'md5'] as const
const ENCODINGS = ['hex', 'base64', 'base64url'] as const

const algorithmOf = (value: unknown) => wordOf(value, 'The algorithm', ALGORITHMS, 'sha256')
const encodingOf = (value: unknown) => wordOf(value, 'The encoding', ENCODINGS, 'hex')

const digest = (value: unknown, algorithm: unknown, encoding: unknown): string =>
  createHash(algorithmOf(algorithm)).update(textOf(value), 'utf8').digest(encodingOf(encoding))

function hmac([value, key, algorithm, encoding]: readonly unknown[]): string | null | undefined {
  if (isNothing(value)) return value
  const secret = textOf(key, 'A key, a text,')
  if (secret === '') throw wrongArgument('A key, a text,', key, 'An empty key signs nothing.')
  return createHmac(algorithmOf(algorithm), secret).update(textOf(value), 'utf8').digest(encodingOf(encoding))
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function unbase64(value: unknown): string {
  const text = textOf(value, 'A text in base64').replace(/\s+/g, '')
  const isBase64 = BASE64.test(text) && text.replace(/=+$/, '').length % 4 !== 1
  try {
    if (isBase64) return strict.decode(Buffer.from(text, 'base64'))
  } catch {
    throw wrongArgument('Text in UTF-8 behind the base64', value, 'It holds bytes that are no text; leave it encoded.')
  }
  throw wrongArgument('A text in base64', value, 'Its letters are A-Z a-z 0-9 + / (or - _), with = at the end at most.')
}

/** Functions that encode, hash and sign text, always as UTF-8. */
export const ENCODING: readonly Entry[] = [
  {
    name: 'base64',
    signature: '$base64(text: string): string',
    doc: 'A text in base64 of its UTF-8 bytes. ($base64encode loses letters beyond Latin-1.) Null gives null.',
    examples: [
      { expr: '$base64("Zoë ✓")', result: 'Wm/DqyDinJM=' },
      { expr: '$base64($join([key, ""], ":"))', record: { key: 'ak_1' }, result: 'YWtfMTo=' },
    ],
    implementation: unlessNothing((value) => Buffer.from(textOf(value), 'utf8').toString('base64')),
  },
  {
    name: 'base64url',
    signature: '$base64url(text: string): string',
    doc: 'As $base64, with the letters that URLs allow and without padding. Null gives null.',
    examples: [{ expr: '$base64url("a?>b")', result: 'YT8-Yg' }],
    implementation: unlessNothing((value) => Buffer.from(textOf(value), 'utf8').toString('base64url')),
  },
  {
    name: 'unbase64',
    signature: '$unbase64(text: string): string',
    doc: `The text that a base64 text holds, in either alphabet, padded or not. One that is not base64, or whose bytes are not
UTF-8, is an error. Null gives null.`,
    examples: [
      { expr: '$unbase64("Wm/DqyDinJM=")', result: 'Zoë ✓' },
      { expr: '$unbase64(custom)', record: { custom: 'YT8-Yg' }, result: 'a?>b' },
    ],
    implementation: unlessNothing(unbase64),
  },
  {
    name: 'digest',
    signature:
      '$digest(text: string, algorithm?: "sha256" | "sha1" | "sha512" | "sha384" | "md5", encoding?: "hex" | "base64" | "base64url"): string',
    doc: 'The hash of a text. Without algorithm and encoding SHA-256 in hex. Null gives null.',
    examples: [
      {
        expr: '$digest("abc")',
        result: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      },
      { expr: '$digest("abc", "md5", "base64")', result: 'kAFQmDzST7DWlj99KOF/cg==' },
    ],
    implementation: unlessNothing(digest),
  },
  {
    name: 'hmac',
    signature:
      '$hmac(text: string, key: string, algorithm?: "sha256" | "sha1" | "sha512" | "sha384" | "md5", encoding?: "hex" | "base64" | "base64url"): string',
    doc: 'The signature of a text with a key (HMAC). Without algorithm and encoding SHA-256 in hex. Null gives null.',
    examples: [
      {
        expr: '$hmac("what do ya want for nothing?", "Jefe")',
        result: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      },
      { expr: '$hmac("a", "k", "sha1", "base64")', result: 'QOfUQcrbF7B/BQNBqiOmgg7YHIs=' },
    ],
    implementation: hmac,
  },
  {
    name: 'crc32',
    signature: '$crc32(text: string): integer',
    doc: 'The CRC-32 of a text, an integer from 0 to 4294967295 (ISO 3309, as in zip and gzip). Null gives null.',
    examples: [{ expr: '$crc32("123456789")', result: 3421780262 }],
    implementation: unlessNothing((value) => crc32(textOf(value))),
  },
]
