import type { JsonRecord } from '../../engine/index.ts'
import type { IdentityRule } from '../stores/environments.ts'

/** Something that customers may have in common, by one of the rules. */
export interface IdentityKey {
  /** Place of the rule among the rules. */
  readonly rule: number
  readonly by: IdentityRule['by']
  /** The value as it is compared. */
  readonly value: string
}

/** Where anybody can have a mailbox: their domains say nothing about who somebody works for. */
const PUBLIC_MAIL_DOMAINS: ReadonlySet<string> = new Set(
  `126.com 163.com aol.com fastmail.com free.fr gmail.com gmx.at gmx.ch gmx.de gmx.net googlemail.com hey.com hotmail.co.uk
  hotmail.com hotmail.de hotmail.fr icloud.com laposte.net libero.it live.com mac.com mail.com mail.ru me.com msn.com naver.com
  orange.fr outlook.com outlook.de pm.me proton.me protonmail.com qq.com rediffmail.com t-online.de tuta.io tutanota.com
  uol.com.br wanadoo.fr web.de yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.com yandex.ru ymail.com
  zoho.com`.split(/\s+/),
)

const LEAST_DIGITS = 7

/** What a unified customer is recognised by, in the order of the rules; a rule that finds nothing in it gives nothing. */
export function keysOf(customer: JsonRecord, rules: readonly IdentityRule[]): readonly IdentityKey[] {
  return rules.flatMap((rule, place) => {
    const values = valuesOf(customer, rule)
    return [...new Set(values)].map((value) => ({ rule: place, by: rule.by, value }))
  })
}

function valuesOf(customer: JsonRecord, rule: IdentityRule): readonly string[] {
  switch (rule.by) {
    case 'email':
      return present(emailOf(customer))
    case 'domain': {
      const domain = emailOf(customer)?.split('@').at(-1)
      const isOfAll = domain === undefined || PUBLIC_MAIL_DOMAINS.has(domain)
      return isOfAll || rule.except.some((one) => one.toLowerCase() === domain) ? [] : [domain]
    }
    case 'phone':
      return present(phoneOf(customer))
    case 'metadata': {
      const metadata = customer.metadata as JsonRecord | null | undefined
      return rule.keys.flatMap((key) => present(textOf(Object.hasOwn(metadata ?? {}, key) ? metadata?.[key] : null)))
    }
  }
}

/** Trimmed and in lower case; mailboxes that tell the cases apart are a thing of the past (RFC 5321, 2.4). */
function emailOf({ email }: JsonRecord): string | undefined {
  const text = textOf(email)?.toLowerCase()
  return text !== undefined && /^[^@\s]+@[^@\s]+$/.test(text) ? text : undefined
}

/** Digits with the plus in front, if there is one: without the country a number is another one. */
function phoneOf({ phone }: JsonRecord): string | undefined {
  const text = textOf(phone)
  const digits = text?.replace(/\D/g, '') ?? ''
  return digits.length < LEAST_DIGITS ? undefined : `${text?.startsWith('+') ? '+' : ''}${digits}`
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
  return text === '' ? undefined : text
}

const present = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value])
