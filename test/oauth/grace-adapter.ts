import type { Adapter, AdapterPayload } from 'oidc-provider'

type Kept = Map<string, { payload: AdapterPayload; consumedAt: number | null }>

/** Memory of an OAuth server that forgets for some seconds that a refresh token was used: its grace period. */
export function graceAdapter(graceS: () => number): new (model: string) => Adapter {
  const kept: Kept = new Map()
  return class GraceAdapter implements Adapter {
    readonly #model: string

    constructor(model: string) {
      this.#model = model
    }

    #key = (id: string): string => `${this.#model}:${id}`

    upsert(id: string, payload: AdapterPayload): Promise<void> {
      kept.set(this.#key(id), { payload, consumedAt: null })
      return Promise.resolve()
    }

    find(id: string): Promise<AdapterPayload | undefined> {
      const found = kept.get(this.#key(id))
      if (found === undefined || found.consumedAt === null) return Promise.resolve(found?.payload)
      if ((Date.now() - found.consumedAt) / 1000 < graceS()) return Promise.resolve(found.payload)
      return Promise.resolve({ ...found.payload, consumed: Math.floor(found.consumedAt / 1000) })
    }

    findByUid(uid: string): Promise<AdapterPayload | undefined> {
      const mine = [...kept].filter(([key]) => key.startsWith(`${this.#model}:`))
      return Promise.resolve(mine.find(([, { payload }]) => payload.uid === uid)?.[1].payload)
    }

    findByUserCode(): Promise<undefined> {
      return Promise.resolve(undefined)
    }

    consume(id: string): Promise<void> {
      const found = kept.get(this.#key(id))
      if (found !== undefined) found.consumedAt ??= Date.now()
      return Promise.resolve()
    }

    destroy(id: string): Promise<void> {
      kept.delete(this.#key(id))
      return Promise.resolve()
    }

    revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, { payload }] of kept) if (payload.grantId === grantId) kept.delete(key)
      return Promise.resolve()
    }
  }
}
