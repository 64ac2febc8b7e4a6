import type { Account, CallOptions, EngineError } from '../../engine/index.ts'
import type { JobContext, JobHandler } from '../jobs/index.ts'
import type { Parting } from '../stores/index.ts'
import { toEngineAccount } from './accounts.ts'
import type { Services } from './context.ts'
import { asEngineError } from './problem.ts'

/** Name of the jobs that tell a provider that an account is disconnected. */
export const PART = 'account.part'

/** Whether the grant was given back; `kept` where the same account of the provider is connected by another account still. */
type Revocation = 'done' | 'failed' | 'kept' | 'none'

interface Farewell {
  readonly revoked: Revocation
  /** Names of the steps that were not done. */
  readonly undone: readonly string[]
  /** Code of the first failure. */
  readonly code: string | null
}

type Needed = Pick<Services, 'stores' | 'engine' | 'clock' | 'log' | 'partingSteps'>

/**
 * Does one parting: every step, then the revocation. Failures are tried again; the last attempt does what it can, erases the
 * credentials all the same, and says in the audit log what was not done.
 */
export function partingHandler(services: Needed): JobHandler {
  return async (payload, job) => {
    const { stores, clock } = services
    const parting = await stores.partings.get(job.environmentId ?? '', String(payload.parting))
    if (parting === null) return
    const { environmentId, id, integration } = parting.account
    const { revoked, undone, code } = await sayFarewell(services, parting, job)
    await stores.audit.record(environmentId, {
      actor: 'system',
      action: 'integrated_account.part',
      target: `integrated_account:${id}`,
      outcome: code === null ? 'succeeded' : 'failed',
      details: { integration, revoked, undone, code, attempts: job.attempt },
      at: clock.now(),
    })
    await stores.partings.end(environmentId, parting.id)
  }
}

async function sayFarewell(services: Needed, parting: Parting, job: JobContext): Promise<Farewell> {
  const account = partingAccount(services, parting)
  const undone: string[] = []
  const failures: EngineError[] = []
  const failed = (thrown: unknown, step: string): void => {
    const error = asEngineError(thrown)
    if (!job.isLastAttempt || job.signal.aborted) throw error
    services.log.error({ integrated_account_id: account.id, step, err: error }, 'a provider was not told for good')
    failures.push(error)
  }
  for (const step of services.partingSteps) {
    await step.run(account).catch((thrown: unknown) => {
      failed(thrown, step.name)
      undone.push(step.name)
    })
  }
  const options = { requestId: `part_${job.id}`, priority: 'sync', onLimit: 'wait', signal: job.signal } as const
  const revoked = await giveBack(services, parting, account, options).catch((thrown: unknown): Revocation => {
    failed(thrown, 'revoke')
    return 'failed'
  })
  return { revoked, undone, code: failures[0]?.code ?? null }
}

function partingAccount({ stores }: Needed, parting: Parting): Account {
  const grants = stores.partings.grantsOf(parting)
  const load = async () => (await grants.current(parting.account.environmentId, parting.account.id)).credentials
  return { ...toEngineAccount(parting.account), keeper: { grants, credentials: { load } } }
}

/** A provider may end all grants of its account at once: none is given back while another account still lives by one. */
async function giveBack(
  { stores, engine }: Needed,
  { account: gone }: Parting,
  account: Account,
  options: CallOptions,
): Promise<Revocation> {
  const method = engine.integration(account).auth.methods.get(account.authMethod)
  if (method?.oauth2?.revoke === undefined) return 'none'
  if (await stores.partings.isConnected(gone)) return 'kept'
  await engine.revoke(account, options)
  return 'done'
}
