import { holdsEmail, isIdentifier, isPlainWord, kindOf, standIn } from './shapes.ts'

/** Fields that hold personal data wherever they turn up. */
const PERSONAL =
  /^(e?mail|.*_e?mail|phone|.*_phone|name|.*_name|firstname|lastname|fullname|address|.*_address|line[12]|street.*|city|town|postal_code|postcode|zip.*|dob|birth.*|ssn|tax_id|vat.*|iban|account_number|routing_number|last4|ip|ip_address|user_agent|metadata|description|note|notes|memo|comment)$/i
/** Words of a protocol that stand inside of what is personal. */
const NEUTRAL = new Set(['object', 'type', 'currency', 'status', 'kind', 'mode'])
/** Shorter values stand in ordinary text by chance: they are cut where they stand, and not looked for elsewhere. */
const LEAST = 5
const MASK = 'removed'

/** What must not be written down. */
export interface Hidden {
  /** Credentials by what stands in for each. */
  readonly credentials: ReadonlyMap<string, string>
  /** Names of native fields that are marked personal or secret, or that feed unified fields which are. */
  readonly names: ReadonlySet<string>
  /** Origins of the provider; addresses elsewhere are cut whole. */
  readonly origins: ReadonlySet<string>
}

/**
 * Puts stand-ins in the place of ids, personal data, secrets and free text: the same value gives the same stand-in, in
 * whatever field it comes. Numbers, instants, codes and words of the protocol stay.
 */
export class StandIns {
  readonly #hidden: Hidden
  readonly #known = new Map<string, string>()
  readonly #used = new Set<string>()
  readonly #counts = new Map<string, number>()
  #pattern: RegExp | undefined

  constructor(hidden: Hidden) {
    this.#hidden = hidden
    for (const [value, instead] of hidden.credentials) if (value !== '') this.#known.set(value, instead)
  }

  /** Every value that was cut, with what stands in for it. */
  get cut(): ReadonlyMap<string, string> {
    return this.#known
  }

  /** Learns what is to be cut in an answer. Learn all of them before any is redacted. */
  learn(value: unknown, field = '', isPersonal = false): void {
    if (Array.isArray(value)) for (const each of value) this.learn(each, field, isPersonal)
    else if (typeof value === 'object' && value !== null) {
      for (const [name, each] of Object.entries(value)) {
        this.learn(name, 'key', false)
        this.learn(each, name, isPersonal || this.#isPersonal(name))
      }
    } else if (typeof value === 'string' && value !== '') this.#learnText(value, field, isPersonal)
    else if (typeof value === 'number' && isPersonal && !NEUTRAL.has(field)) this.#learnText(String(value), field, true)
  }

  /** A value with stand-ins in it. */
  redact(value: unknown, field = '', isPersonal = false): unknown {
    if (Array.isArray(value)) return value.map((each) => this.redact(each, field, isPersonal))
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [
          this.text(name),
          this.redact(each, name, isPersonal || this.#isPersonal(name)),
        ]),
      )
    }
    if (typeof value === 'string')
      return this.#isCutAt(value, field, isPersonal) ? this.#known.get(value) : this.text(value)
    if (typeof value !== 'number') return value
    const instead = isPersonal && !NEUTRAL.has(field) ? this.#known.get(String(value)) : undefined
    return instead === undefined ? value : Number(instead)
  }

  /** A text in which everything that is distinct enough to be found has given way. */
  text(text: string): string {
    const exact = isDistinct(text) ? this.#known.get(text) : undefined
    if (exact !== undefined) return exact
    this.#pattern ??= patternOf([...this.#known.keys()].filter(isDistinct))
    return text.replace(this.#pattern, (found) => this.#instead(found))
  }

  #instead(found: string): string {
    const own = this.#known.get(found)
    if (own !== undefined) return own
    const lower = found.toLowerCase()
    for (const [value, instead] of this.#known) {
      if (value.toLowerCase() === lower) return instead
      if (encodeURIComponent(value).toLowerCase() === lower) return encodeURIComponent(instead)
    }
    return MASK
  }

  #isPersonal(name: string): boolean {
    return PERSONAL.test(name) || this.#hidden.names.has(name)
  }

  /** Whether a text gives way where it stands, whatever it says. */
  #isCutAt(text: string, field: string, isPersonal: boolean): boolean {
    if (text === '' || !this.#known.has(text)) return false
    return isDistinct(text) || this.#hides(text, field, isPersonal)
  }

  #hides(text: string, field: string, isPersonal: boolean): boolean {
    if (/^\/[\w./?&=%-]*$/.test(text)) return false
    if (isPersonal) return !(NEUTRAL.has(field) && isPlainWord(text))
    if (holdsEmail(text) || isIdentifier(text)) return true
    if (/^https?:\/\//i.test(text)) return !(URL.canParse(text) && this.#hidden.origins.has(new URL(text).origin))
    if (field === 'key') return false
    if (/(^|_)id$/.test(field)) return !/^([a-z_]+|\d+)$/.test(text)
    return !isPlainWord(text)
  }

  #learnText(text: string, field: string, isPersonal: boolean): void {
    if (this.#known.has(text)) return
    if (!this.#hides(text, field, isPersonal)) {
      if (/^https?:\/\/|^\//i.test(text))
        for (const part of text.split(/[/?&=#]/)) if (isIdentifier(part)) this.#learnText(part, 'id', false)
      return
    }
    const kind = /^-?\d+$/.test(text) || isIdentifier(text) ? 'code' : kindOf(text, field)
    let instead: string
    do {
      const n = (this.#counts.get(kind) ?? 0) + 1
      this.#counts.set(kind, n)
      instead = standIn(kind, text, n)
    } while (kind !== 'country' && kind !== 'date' && kind !== 'ip' && (this.#used.has(instead) || instead === text))
    this.#used.add(instead)
    this.#known.set(text, instead)
    this.#pattern = undefined
  }
}

/** Whether a value says so much that it is looked for inside of other texts. */
const isDistinct = (text: string): boolean => text.length >= LEAST && !/^[a-z_]+$/.test(text) && !/^\d{1,6}$/.test(text)

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

function patternOf(values: readonly string[]): RegExp {
  const all = [...new Set(values.flatMap((value) => [value, encoded(value)]))].sort((a, b) => b.length - a.length)
  return all.length === 0 ? /(?!)/g : new RegExp(all.map(quoted).join('|'), 'gi')
}

/** A lone surrogate, which no URL can carry, is as good as lost. */
const encoded = (value: string): string => encodeURIComponent(Buffer.from(value, 'utf8').toString('utf8'))
