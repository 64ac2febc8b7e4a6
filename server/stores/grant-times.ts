import type { StoreTransaction } from './database.ts'

/** From when the token of an account is to be renewed, epoch ms. */
export interface GrantTime {
  readonly environmentId: string
  readonly accountId: string
  readonly renewAt: number
}

/** Writes what follows from a token that ends into its transaction, such as the job that renews it. */
export type GrantFollower = (trx: StoreTransaction, time: GrantTime) => Promise<void>

/** Tells of every token that is stored, by a connect, a reconnect or a renewal, from when it is to be renewed. */
export class GrantTimes {
  readonly #followers: GrantFollower[] = []

  /** Has every token from now on followed within its transaction. */
  follow(follower: GrantFollower): void {
    this.#followers.push(follower)
  }

  /** For the stores that write tokens; nothing is told of one that lasts. */
  async tell(trx: StoreTransaction, time: Omit<GrantTime, 'renewAt'> & { renewAt: number | null }): Promise<void> {
    const { renewAt } = time
    if (renewAt === null) return
    for (const follower of this.#followers) await follower(trx, { ...time, renewAt })
  }
}
