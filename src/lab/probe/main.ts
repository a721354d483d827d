import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { createInterface } from 'node:readline'
import { isProbeBatch, type ProbeBatch, type ProbeOutcome, type ProbeRequest } from './probe.ts'

/**
 * The program that sends probes from the namespace that it is started in: a batch to a line in, its
 * outcomes to a line out. It ends with its input.
 */

/** Sockets open at one time; a process may have 1024 by default. */
const MOST_AT_ONCE = 400

/** Answers of the way rather than of the end: nothing arrived. */
const UNREACHABLE = ['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EACCES', 'EPERM']

async function run({ requests, waitMs }: ProbeBatch): Promise<readonly ProbeOutcome[]> {
  const outcomes: ProbeOutcome[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < requests.length; index = next++) {
      const request = requests[index]
      if (request !== undefined) outcomes[index] = await send(request, waitMs)
    }
  }
  await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, requests.length) }, worker))
  return outcomes
}

function send(request: ProbeRequest, waitMs: number): Promise<ProbeOutcome> {
  switch (request.protocol) {
    case 'TCP':
      return sendTcp(request, waitMs)
    case 'UDP':
      return sendUdp(request, waitMs)
    case 'ICMP':
    case 'ICMPv6':
      return sendEcho(request, waitMs)
  }
}

function outcomeOf(error: unknown): ProbeOutcome {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return 'Answered'
  return UNREACHABLE.includes(code) ? 'Silent' : `Failed ${code}`
}

function sendTcp({ from, to, port, sourcePort }: ProbeRequest, waitMs: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const socket = connect({
      host: to,
      port,
      localAddress: from,
      ...(sourcePort > 0 && { localPort: sourcePort }),
    })
    const end = (outcome: ProbeOutcome): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(outcome)
    }
    const timer = setTimeout(end, waitMs, 'Silent')
    socket.once('connect', () => {
      end('Answered')
    })
    socket.once('error', (error) => {
      end(outcomeOf(error))
    })
  })
}

function sendUdp({ from, to, port, sourcePort }: ProbeRequest, waitMs: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    // Probes to several ends may share a source port.
    const socket = createSocket({ type: isIPv6(to) ? 'udp6' : 'udp4', reuseAddr: true })
    let isOver = false
    const end = (outcome: ProbeOutcome): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      socket.close()
      resolve(outcome)
    }
    const timer = setTimeout(end, waitMs, 'Silent')
    socket.on('error', (error) => {
      end(outcomeOf(error))
    })
    // Until it is connected, others reach the socket as well.
    socket.on('message', (_, { address, port: answering }) => {
      if (address === to && answering === port) end('Answered')
    })
    socket.bind({ address: from, port: sourcePort, exclusive: true }, () => {
      socket.connect(port, to, () => {
        socket.send('palisade', (error) => {
          if (error !== null) end(outcomeOf(error))
        })
      })
    })
  })
}

/** By ping(8), which may open the raw socket that Node cannot. */
function sendEcho({ from, to }: ProbeRequest, waitMs: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const words = ['-n', '-q', '-c', '1', '-W', String(waitMs / 1000), '-I', from, to]
    const child = spawn('ping', words, { stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    child.on('error', (error) => {
      resolve(outcomeOf(error))
    })
    child.on('close', (status) => {
      if (status === 0) resolve('Answered')
      // ping exits with 1 when no answer came, and with 2 when it could not send.
      else resolve(status === 1 || /unreachable/i.test(errors) ? 'Silent' : `Failed ${errors.trim()}`)
    })
  })
}

for await (const line of createInterface({ input: process.stdin })) {
  const batch: unknown = JSON.parse(line)
  if (!isProbeBatch(batch)) throw new Error('a line is no batch of probes')
  process.stdout.write(`${JSON.stringify(await run(batch))}\n`)
}
