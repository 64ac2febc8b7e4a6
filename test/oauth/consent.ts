/** What a browser does: follows redirects with its cookies until it is sent to `callback`, and answers the parameters. */
export async function consentAt(start: string, callback: string): Promise<Record<string, string>> {
  const cookies = new Map<string, string>()
  let url = start
  for (let hops = 0; hops < 12; hops += 1) {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
    const answer = await fetch(url, { redirect: 'manual', headers })
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null) throw new Error(`no redirect from ${url}: ${answer.status} ${await answer.text()}`)
    url = new URL(location, url).href
    if (url.startsWith(callback)) return Object.fromEntries(new URL(url).searchParams)
  }
  throw new Error('too many redirects')
}
