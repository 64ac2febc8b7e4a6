/** Answers to the questions of the parent, by name. */
export type Handlers = Readonly<Record<string, (argument: never) => unknown>>

interface Question {
  readonly id: number
  readonly question: string
  readonly argument?: unknown
}

/** Answers the parent's questions over the control channel of this process; ends with the parent. */
export function answerParent(handlers: Handlers): void {
  const reply = async ({ id, question, argument }: Question): Promise<void> => {
    try {
      const handler = handlers[question]
      if (handler === undefined) throw new Error(`there is no answer to '${question}'`)
      process.send?.({ id, value: await handler(argument as never) })
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  }
  process.on('message', (question: Question) => void reply(question))
  process.on('disconnect', () => process.exit())
}
