import type { GrantStore, StoredGrant } from '../ports.ts'
import type { EngineContext } from './context.ts'
import type { Account, CandidateCredentials } from './contract.ts'

/**
 * The same engine, for which the account has the candidate's credentials. A token among them is used as it is: renewing it
 * could end the refresh token that is about to be stored. Where there is none, one is asked for and forgotten again.
 */
export function withCandidate(context: EngineContext, candidate: CandidateCredentials | undefined): EngineContext {
  if (candidate === undefined) return context
  const credentials = { ...context.ports.credentials, load: async () => candidate }
  const hasToken = (candidate.reveal().access_token ?? '') !== ''
  const grants = hasToken || context.ports.grants === undefined ? undefined : passing(candidate)
  const lock = { run: <T>(_name: string, _ttlMs: number, work: (fence: number) => Promise<T>) => work(1) }
  return { ...context, ports: { ...context.ports, credentials, grants, lock } }
}

/** The engine over the ports, but for the credentials of an account that somebody else keeps. */
export function keptBy(context: EngineContext, { keeper }: Pick<Account, 'keeper'>): EngineContext {
  return keeper === undefined ? context : { ...context, ports: { ...context.ports, ...keeper } }
}

/** A grant that nobody stores. */
function passing(credentials: CandidateCredentials): GrantStore {
  let stored: StoredGrant = {
    ...{ credentials, expiresAt: null, renewAt: null, tokenVersion: 1, pendingFence: null, isOver: false },
  }
  const read = async () => stored
  return {
    current: read,
    read,
    begin: async () => true,
    settle: async () => undefined,
    replace: (_environmentId, _accountId, grant) => {
      stored = { ...stored, ...grant, tokenVersion: grant.tokenVersion + 1 }
      return Promise.resolve(true)
    },
    giveUp: async () => true,
  }
}
