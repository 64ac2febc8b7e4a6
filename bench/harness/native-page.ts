import { Pool } from 'undici'

/** What a floor reads: the requests that one call of the subject makes. */
export interface Source {
  readonly origin: string
  readonly targets: readonly string[]
}

interface NativePage {
  readonly data: readonly unknown[]
}

const LIMIT = 100

/** The least that answers a list of 100: read the pages, parse them, write the first 100 records as text. */
export function pageReader({ origin, targets }: Source): () => Promise<string> {
  const pool = new Pool(origin, { connections: 16, pipelining: 1 })
  const headers = { authorization: 'Bearer sk_live_bench' }
  const read = async (path: string): Promise<NativePage> => {
    const { statusCode, body } = await pool.request({ path, method: 'GET', headers })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`)
    return JSON.parse(text) as NativePage
  }
  return async () => {
    const pages = await Promise.all(targets.map(read))
    const result = pages.flatMap(({ data }) => data).slice(0, LIMIT)
    return JSON.stringify({ result, next_cursor: null, prev_cursor: null, result_count: result.length })
  }
}
