import { answerParent } from '../harness/answer.ts'
import { listen } from '../harness/listen.ts'
import { pageReader, type Source } from '../harness/native-page.ts'
import { meterCpu, type Usage } from '../harness/usage.ts'

// The floor of a unified list over HTTP: node:http, and the same pages read, parsed and written.
let stop: (() => Usage) | undefined

answerParent({
  listen: (source: Source) => {
    const read = pageReader(source)
    return listen((_request, response) => {
      read().then(
        (text) => {
          const body = Buffer.from(text)
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
        },
        (error: unknown) => response.writeHead(502).end(String(error)),
      )
    })
  },
  start: () => {
    stop = meterCpu()
  },
  stop: () => stop?.(),
})
