import type { Selectable } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import type { Database } from './database.ts'
import { isMissingReference } from './driver.ts'
import { cleanText, deleteAll, fromJson, newestFirst, type Page, type PageQuery, untilWon } from './rows.ts'
import type { Tables } from './tables.ts'
import type { TokenEffect } from './token-types.ts'
import type { RowAddress, Vault } from './vault.ts'

type Row = Selectable<Tables['approvals']>

/** pending: nobody decided; released: may be used once; used: was used, `outcome` says how it went. */
export type ApprovalState = 'pending' | 'released' | 'refused' | 'used'

/** How an approval that was used went; unknown: it was sent, and nobody knows what became of it. */
export type ApprovalOutcome = 'succeeded' | 'failed' | 'unknown'

/** What an approval is for, and what it is bound to. */
export interface ApprovalSubject {
  readonly environmentId: string
  /** The token that asked. */
  readonly tokenId: string
  readonly integratedAccountId: string
  /** Such as `unified/payment-gateway/payments/refund`. */
  readonly operation: string
  readonly effect: TokenEffect
  /** Minor units; null where the request names none. */
  readonly amount: number | null
  /** ISO 4217; null where it is not known. */
  readonly currency: string | null
  /** Hash of the call as it was made. */
  readonly requestHash: string
  /** Hash of the request that would be sent to the provider. */
  readonly builtHash: string
  /** Hash of the definitions that it was built with. */
  readonly definition: string
}

/** An approval to store. `request` is sealed: it holds what the caller sent. */
export interface NewApproval<T> extends ApprovalSubject {
  readonly id: string
  /** human: a person decides; confirm: the token that asked may use it at once. */
  readonly policy: 'human' | 'confirm'
  readonly request: T
  readonly expiresAt: number
}

/** A stored approval, without the request. */
export interface Approval extends ApprovalSubject {
  readonly id: string
  readonly policy: 'human' | 'confirm'
  readonly state: ApprovalState
  readonly createdAt: number
  readonly expiresAt: number
  readonly decidedAt: number | null
  /** Who decided, such as `token:tok_1`. */
  readonly decidedBy: string | null
  readonly note: string | null
  readonly usedAt: number | null
  readonly outcome: ApprovalOutcome | null
}

/** What a person, or a policy, decided. */
export interface Decision {
  readonly state: 'released' | 'refused'
  readonly by: string
  readonly note?: string | null | undefined
}

/** Which approvals of an environment. */
export interface ApprovalQuery extends PageQuery {
  readonly state?: ApprovalState | undefined
  readonly tokenId?: string | undefined
  readonly integratedAccountId?: string | undefined
}

/** Acts that wait for somebody to let them through. Every step is one statement: of any number at once exactly one wins. */
export class ApprovalStore {
  readonly #database: Database
  readonly #vault: Vault

  constructor(database: Database, vault: Vault) {
    this.#database = database
    this.#vault = vault
  }

  /**
   * Stores what somebody asks for; under `confirm` it is released from the start. Of the same call asked for many times at
   * once one approval is made, which all of them are answered. Throws `unknown_account`.
   */
  async create<T>(input: NewApproval<T>, now: number): Promise<Approval> {
    const { tokenId, requestHash, definition } = input
    try {
      return await untilWon(
        async () => (await this.#insert(input, now)) ?? (await this.standing(tokenId, requestHash, definition, now)),
      )
    } catch (error) {
      if (!isMissingReference(error)) throw error
      throw new EngineError('unknown_account', `There is no integrated account ${input.integratedAccountId}`)
    }
  }

  /** An approval of the environment, or null. */
  async get(environmentId: string, id: string): Promise<Approval | null> {
    const row = await this.#find(environmentId, id)
    return row ? toApproval(row) : null
  }

  /** What was asked for, as it was stored. Throws `not_found`. */
  async request<T>(environmentId: string, id: string): Promise<T> {
    const row = await this.#find(environmentId, id)
    if (!row) throw new EngineError('not_found', 'There is no such approval', { where: 'id' })
    return fromJson<T>(this.#vault.decrypt(requestAddress(row), row.request))
  }

  /** The approval that the token has already asked for with the same call, and the same definitions, and that still stands, or null. */
  async standing(tokenId: string, requestHash: string, definition: string, now: number): Promise<Approval | null> {
    const row = await this.#database.db
      .selectFrom('approvals')
      .selectAll()
      .where('standing', '=', standingOf({ tokenId, requestHash, definition }))
      .where('expires_at', '>', now)
      .executeTakeFirst()
    return row ? toApproval(row) : null
  }

  /** How many acts of a token wait. */
  async countOpen(tokenId: string, now: number): Promise<number> {
    const { count } = await this.#database.db
      .selectFrom('approvals')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('token_id', '=', tokenId)
      .where('state', 'in', ['pending', 'released'])
      .where('expires_at', '>', now)
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  /** Approvals of the environment, newest first. */
  async list(environmentId: string, query: ApprovalQuery = {}): Promise<Page<Approval>> {
    const { state, tokenId: token_id, integratedAccountId: integrated_account_id } = query
    const rows = this.#database.db.selectFrom('approvals').selectAll().where('environment_id', '=', environmentId)
    const only = { state, token_id, integrated_account_id }
    return await newestFirst(rows, { query, by: 'created_at', only }, toApproval)
  }

  /** Decides on what is pending and in time; null when it is not, or somebody was first. */
  async decide(
    environmentId: string,
    id: string,
    { state, by, note }: Decision,
    now: number,
  ): Promise<Approval | null> {
    const decided = { state, decided_at: now, decided_by: by, note: note ? cleanText(note, 500) : null }
    return await this.#change(environmentId, id, 'pending', decided, now)
  }

  /** Takes a released approval for the one use that it is good for; null when it is not, or somebody was first. */
  async claim(environmentId: string, id: string, now: number): Promise<Approval | null> {
    return await this.#change(environmentId, id, 'released', { state: 'used', used_at: now }, now)
  }

  /** Says how the use went. */
  async settle(environmentId: string, id: string, outcome: ApprovalOutcome): Promise<void> {
    await this.#database.db
      .updateTable('approvals')
      .set({ outcome })
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .where('state', '=', 'used')
      .execute()
  }

  /** Deletes approvals that expired before an instant (epoch ms); answers how many. */
  deleteBefore(environmentId: string, at: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const old = db
        .selectFrom('approvals')
        .select('id')
        .where('environment_id', '=', environmentId)
        .where('expires_at', '<', at)
        .limit(batch)
      return db.deleteFrom('approvals').where('id', 'in', old).executeTakeFirst()
    })
  }

  /** Null when the same call stands already: the unique column decides between any number at once. */
  async #insert(input: NewApproval<unknown>, now: number): Promise<Approval | null> {
    const isFree = input.policy === 'confirm'
    const address = requestAddress({ environment_id: input.environmentId, id: input.id })
    const decided = { decided_at: isFree ? now : null, decided_by: isFree ? 'policy:confirm' : null, note: null }
    const state = { state: isFree ? 'released' : 'pending', created_at: now, used_at: null, outcome: null }
    const row = await this.#vault.writing(async () => {
      const sealed = this.#vault.encrypt(address, JSON.stringify(input.request))
      const request = { request: sealed.text, request_key_id: sealed.keyId }
      await this.#database.db
        .updateTable('approvals')
        .set({ standing: null })
        .where('standing', '=', standingOf(input))
        .where('expires_at', '<=', now)
        .execute()
      return await this.#database.db
        .insertInto('approvals')
        .values({ ...subjectRow(input), ...state, ...decided, ...request })
        .onConflict((conflict) => conflict.column('standing').doNothing())
        .returningAll()
        .executeTakeFirst()
    })
    return row ? toApproval(row) : null
  }

  async #change(
    environmentId: string,
    id: string,
    from: ApprovalState,
    changes: Partial<Omit<Row, 'state'>> & { readonly state: ApprovalState },
    now: number,
  ): Promise<Approval | null> {
    const row = await this.#database.db
      .updateTable('approvals')
      .set(changes.state === 'released' ? changes : { ...changes, standing: null })
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .where('state', '=', from)
      .where('expires_at', '>', now)
      .returningAll()
      .executeTakeFirst()
    return row ? toApproval(row) : null
  }

  #find(environmentId: string, id: string): Promise<Row | undefined> {
    return this.#database.db
      .selectFrom('approvals')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .executeTakeFirst()
  }
}

/** Where the request of an approval is sealed to. */
export function requestAddress(row: Pick<Row, 'environment_id' | 'id'>): RowAddress {
  return { table: 'approvals', environmentId: row.environment_id, row: [row.id] }
}

const standingOf = ({
  tokenId,
  requestHash,
  definition,
}: Pick<ApprovalSubject, 'tokenId' | 'requestHash' | 'definition'>): string => `${tokenId} ${requestHash} ${definition}`

const subjectRow = (input: NewApproval<unknown>) => ({
  id: input.id,
  environment_id: input.environmentId,
  token_id: input.tokenId,
  integrated_account_id: input.integratedAccountId,
  operation: input.operation,
  effect: input.effect,
  policy: input.policy,
  amount: input.amount,
  currency: input.currency,
  request_hash: input.requestHash,
  built_hash: input.builtHash,
  definition: input.definition,
  standing: standingOf(input),
  expires_at: input.expiresAt,
})

function toApproval(row: Row): Approval {
  return {
    id: row.id,
    environmentId: row.environment_id,
    tokenId: row.token_id,
    integratedAccountId: row.integrated_account_id,
    operation: row.operation,
    effect: row.effect as TokenEffect,
    policy: row.policy as Approval['policy'],
    state: row.state as ApprovalState,
    amount: row.amount,
    currency: row.currency,
    requestHash: row.request_hash,
    builtHash: row.built_hash,
    definition: row.definition,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    note: row.note,
    usedAt: row.used_at,
    outcome: row.outcome as ApprovalOutcome | null,
  }
}
