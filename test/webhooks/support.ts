import { compileCatalog, type Delivery, EngineError, type WebhookRules } from '../../engine/index.ts'
import { type Received, readDelivery } from '../../engine/webhooks/index.ts'
import { baseFiles, changed } from '../definition/support.ts'

export const NOW = Date.UTC(2026, 5, 1)
export const URL_OF = 'https://onefold.test/webhook-in/abc'

/** The rules that a webhooks.yaml of the base's provider compiles to. */
export function rulesOf(text: string): WebhookRules {
  const whole = `as: desk/people\nprovision: [{ manual: Do it. }]\n${text}`
  const files = changed(baseFiles(), [{ file: 'integrations/acme/webhooks.yaml', text: whole }])
  const { catalog, issues } = compileCatalog(files)
  const rules = catalog?.integrations.get('acme')?.webhooks
  if (rules === undefined) throw new Error(issues.map(({ message, hint }) => `${message}: ${hint}`).join('\n'))
  return rules
}

export const deliveryOf = (body: string | Uint8Array, headers: Record<string, string> = {}): Delivery => ({
  url: URL_OF,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  query: {},
  body: typeof body === 'string' ? Buffer.from(body) : body,
})

interface Keys {
  readonly secrets?: readonly string[]
  readonly endpointId?: string | null
  readonly nowMs?: number
  readonly certificate?: string | undefined
}

/** What a delivery holds, or the code that it is refused with. */
export function read(rules: WebhookRules, delivery: Delivery, keys: Keys = {}): Received | string {
  const { secrets = ['the-secret'], endpointId = null, nowMs = NOW, certificate } = keys
  try {
    return readDelivery(rules, delivery, { secrets, endpointId, nowMs, certificate })
  } catch (thrown) {
    if (thrown instanceof EngineError) return thrown.code
    throw thrown
  }
}

/** Ids of the events of a delivery, or the code that it is refused with. */
export function idsIn(...of: Parameters<typeof read>): readonly (string | null)[] | string {
  const received = read(...of)
  if (typeof received === 'string') return received
  return 'challenge' in received ? received.challenge : received.events.map(({ id }) => id)
}
