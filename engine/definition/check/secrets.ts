import type { Document } from '../document.ts'
import { type Issue, issueAt } from '../issue.ts'

/** Forms that only secrets have. */
const FORMS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/g,
  /\b(?:sk|rk|pk|ak)_(?:live|test|prod|sandbox)_[A-Za-z0-9]{12,}/g,
  /\b(?:whsec|ghp|gho|glpat|xox[abpr])[_-][A-Za-z0-9_-]{16,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\beyJ[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{12,}/g,
]
const TOKEN = /[A-Za-z0-9_-]{32,}/g
const CLEARLY_FAKE = /example|sample|dummy|fake|test_case|made_?up|hidden|placeholder|x{5}|0{5}|1234|abcd/i
const LEAST_ENTROPY = 4.2
/** A line up to a value under a name that says what it is: a signature proves one text, and opens nothing. */
const UP_TO_SIGNATURE = /signature['"]?\s*:\s*['"]?[A-Za-z0-9+/=_-]*$/i

/** Texts in a file that look like a real key. Examples are fine when they say that they are examples. */
export function secretIssues({ source }: Document): Issue[] {
  const found = new Map<number, string>()
  for (const form of [...FORMS, TOKEN]) {
    for (const match of source.text.matchAll(form)) {
      if (form === TOKEN && (!looksRandom(match[0]) || isSignature(source.text, match.index))) continue
      if (!CLEARLY_FAKE.test(match[0]) && !isInside(found, match.index)) found.set(match.index, match[0])
    }
  }
  return [...found].map(([start, secret]) =>
    issueAt(
      source,
      [start, start + secret.length],
      'secret_in_file',
      {
        message: `this looks like a real secret of ${secret.length} characters`,
        hint: 'Revoke it if it is one; examples carry a word such as `example` in them.',
      },
      { hide: secret },
    ),
  )
}

const isSignature = (text: string, at: number): boolean =>
  UP_TO_SIGNATURE.test(text.slice(text.lastIndexOf('\n', at) + 1, at))

const isInside = (found: ReadonlyMap<number, string>, at: number): boolean =>
  [...found].some(([start, secret]) => at >= start && at < start + secret.length)

function looksRandom(text: string): boolean {
  if (!/[a-z]/.test(text) || !/[A-Z]/.test(text) || !/\d/.test(text)) return false
  const counts = new Map<string, number>()
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1)
  const entropy = [...counts.values()].reduce((sum, n) => sum - (n / text.length) * Math.log2(n / text.length), 0)
  return entropy >= LEAST_ENTROPY
}
