import type { CredentialStore, GrantStore, StoredGrant } from '../ports.ts'
import type { EngineContext } from './context.ts'
import type { CandidateCredentials } from './contract.ts'

/** An engine for which an account has credentials that are not stored; `current` is what became of them, renewed or not. */
export interface WithCandidate {
  readonly context: EngineContext
  current(): CandidateCredentials
}

/** The same engine with a candidate in place of what is stored. What renews it stays in memory: the caller stores it. */
export function withCandidate(context: EngineContext, candidate: CandidateCredentials): WithCandidate {
  let grant: StoredGrant = { ...candidate, tokenVersion: 1, pendingFence: null, isOver: false }
  const read = async (): Promise<StoredGrant> => grant
  const credentials: CredentialStore = { load: async () => grant.credentials }
  const grants: GrantStore = {
    current: read,
    read,
    begin: async () => true,
    settle: async () => undefined,
    replace: (_environmentId, _accountId, { tokenVersion, credentials: renewed, expiresAt, renewAt }) => {
      if (tokenVersion !== grant.tokenVersion) return Promise.resolve(false)
      grant = { ...grant, credentials: renewed, expiresAt, renewAt, tokenVersion: tokenVersion + 1 }
      return Promise.resolve(true)
    },
    giveUp: async () => true,
  }
  const current = (): CandidateCredentials => {
    const { credentials: held, expiresAt, renewAt } = grant
    return { credentials: held, expiresAt, renewAt }
  }
  return { context: { ...context, ports: { ...context.ports, credentials, grants } }, current }
}
