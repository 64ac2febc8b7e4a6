import { createHash } from 'node:crypto'
import type { Integration } from '../engine/index.ts'
import type { Stores } from './stores/index.ts'

/** Remembers which auth and hosts of an integration an admin has agreed to. It lives in the audit log of `default`. */
export interface Approvals {
  /** Fingerprint agreed to last, or null. */
  approved(integration: string): Promise<string | null>
  approve(integration: string, fingerprint: string, actor: string): Promise<void>
  /** Whether any environment has an account of it. */
  isConnected(integration: string): Promise<boolean>
}

const ENVIRONMENT = 'default'
const ACTION = 'integration.approve'

/** Approvals over the stores. */
export function createApprovals(stores: Stores, now: () => number): Approvals {
  const target = (integration: string): string => `integration:${integration}`
  return {
    async approved(integration) {
      const query = { action: ACTION, target: target(integration), limit: 1 }
      const [latest] = (await stores.audit.list(ENVIRONMENT, query)).result
      return typeof latest?.details.fingerprint === 'string' ? latest.details.fingerprint : null
    },
    async approve(integration, fingerprint, actor) {
      const act = { action: ACTION, target: target(integration), outcome: 'succeeded' as const, at: now() }
      await stores.audit.record(ENVIRONMENT, { ...act, actor, details: { fingerprint } })
    },
    async isConnected(integration) {
      for (const { id } of await stores.environments.list()) {
        const { result } = await stores.accounts.list(id, { integration, limit: 1 })
        if (result.length > 0) return true
      }
      return false
    },
  }
}

/** Hash of what decides where credentials go: auth, hosts, owned names, and whether the definition is from an extra folder. */
export function fingerprintOf({ auth, hosts, owned, isExtra }: Integration): string {
  const text = JSON.stringify(plain({ auth: auth.methods, hosts, owned, isExtra }))
  return createHash('sha256').update(text).digest('hex')
}

/** Compiled parts become their source text, maps and sets lists. */
function plain(value: unknown): unknown {
  if (value instanceof RegExp) return value.source
  if (value instanceof Map) return [...value].sort(byKey).map(plain)
  if (value instanceof Set) return [...value].sort()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value ?? null
  if ('source' in value && typeof value.source === 'string') return value.source
  return Object.entries(value).sort(byKey).map(plain)
}

const byKey = ([a]: readonly unknown[], [b]: readonly unknown[]): number => (String(a) < String(b) ? -1 : 1)
