import { request as send } from 'node:http'

/** What a visitor got back. */
export interface Seen {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
  /** The `code` of a problem. */
  readonly code: string | undefined
}

/** A browser without a screen: it keeps cookies, and says where a request comes from unless told otherwise. */
export class Visitor {
  readonly cookies = new Map<string, string>()
  readonly #base: string
  proof = ''

  constructor(base: string) {
    this.#base = base
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Seen> {
    return this.#send('GET', path, undefined, headers)
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Seen> {
    const own = { origin: this.#base, 'sec-fetch-site': 'same-origin', 'x-onefold-link': this.proof }
    return this.#send('POST', path, JSON.stringify(body), { ...own, 'content-type': 'application/json', ...headers })
  }

  /** Opens a link as its page does; answers what the exchange said. */
  async open(url: string): Promise<Seen> {
    const { pathname, hash } = new URL(url)
    const token = `${pathname.split('/').at(-1)}_${hash.slice(1)}`
    const exchanged = await this.post(`${pathname}/session`, { token })
    const page = await this.get(pathname)
    this.proof = /data-proof="([^"]+)"/.exec(page.text)?.[1] ?? ''
    return exchanged
  }

  /** Connects by the form of acme's API key. */
  connect(url: string, key: string, headers: Record<string, string> = {}): Promise<Seen> {
    const form = { integration: 'acme', method: 'key', fields: { key, region: 'eu' } }
    return this.post(`${new URL(url).pathname}/connect`, form, headers)
  }

  #send(method: string, path: string, body: string | undefined, given: Record<string, string>): Promise<Seen> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(cookie === '' ? {} : { cookie }), ...given }
    return new Promise((resolve, reject) => {
      const request = send(`${this.#base}${path}`, { method, headers }, async (response) => {
        let text = ''
        for await (const chunk of response) text += String(chunk)
        for (const line of response.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
          this.cookies.set(name, value)
        }
        const isJson = response.headers['content-type']?.includes('json') === true
        const code = isJson && text !== '' ? (JSON.parse(text) as { code?: string }).code : undefined
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, code })
      })
      request.on('error', reject)
      request.end(body)
    })
  }
}
