import { createSocket, type Socket as Datagrams } from 'node:dgram'
import { connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/**
 * A machine in a namespace: reads one command a line, `VERB WORD...`, and answers each with one line.
 * Servers echo what they get.
 */
const WAIT_MS = 400

const connections = new Map<string, Socket>()
const datagrams = new Map<string, Datagrams>()

const verbs: Readonly<Record<string, (...words: string[]) => Promise<string>>> = {
  /** `tcp-serve PORT` */
  'tcp-serve': (port) =>
    new Promise((resolve) => {
      createServer((socket) => {
        socket.on('error', () => undefined)
        socket.pipe(socket)
      }).listen({ port: Number(port), host: '::' }, () => {
        resolve('ok')
      })
    }),
  /** `udp-serve PORT` */
  'udp-serve': (port) =>
    new Promise((resolve) => {
      const socket = createSocket({ type: 'udp6', ipv6Only: false })
      socket.on('message', (message, { address, port: back }) => {
        socket.send(message, back, address)
      })
      socket.bind(Number(port), '::', () => {
        resolve('ok')
      })
    }),
  /** `tcp-open ID ADDRESS PORT`: opens a connection that stays. */
  'tcp-open': (id = '', host = '', port) =>
    new Promise((resolve) => {
      const socket = connect({ host, port: Number(port) })
      socket.on('error', () => {
        resolve('refused')
      })
      socket.on('connect', () => {
        connections.set(id, socket)
        resolve('open')
      })
      setTimeout(() => {
        if (socket.connecting) socket.destroy()
        resolve('silent')
      }, WAIT_MS)
    }),
  /** `tcp-echo ID`: whether a word comes back on an open connection. */
  'tcp-echo': (id = '') =>
    new Promise((resolve) => {
      const socket = connections.get(id)
      socket?.once('data', () => {
        resolve('echo')
      })
      socket?.write('word')
      setTimeout(() => {
        socket?.removeAllListeners('data')
        resolve('silent')
      }, WAIT_MS)
    }),
  /** `udp-echo ID ADDRESS PORT`: sends from the same port for each ID. */
  'udp-echo': (id = '', host = '', port) =>
    new Promise((resolve) => {
      const socket = datagrams.get(id) ?? createSocket(host.includes(':') ? 'udp6' : 'udp4')
      datagrams.set(id, socket)
      const answer = (): void => {
        resolve('echo')
      }
      socket.on('error', () => {
        resolve('refused')
      })
      socket.once('message', answer)
      socket.send('word', Number(port), host)
      setTimeout(() => {
        socket.off('message', answer)
        resolve('silent')
      }, WAIT_MS)
    }),
  /** `udp-flood ADDRESS PORT COUNT EVERY_MS`: how many of so many come back. */
  'udp-flood': (host = '', port, count, every) =>
    new Promise((resolve) => {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
      let back = 0
      let sent = 0
      socket.on('message', () => {
        back += 1
      })
      socket.on('error', () => undefined)
      const timer = setInterval(() => {
        socket.send('word', Number(port), host)
        sent += 1
        if (sent < Number(count)) return
        clearInterval(timer)
        setTimeout(() => {
          resolve(String(back))
        }, WAIT_MS)
      }, Number(every))
    }),
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [number = '', verb = '', ...words] = line.split(' ')
  const action = verbs[verb]
  if (action === undefined) throw new Error(`unknown verb ${verb}`)
  void action(...words).then((answer) => process.stdout.write(`${number} ${answer}\n`))
})
process.stdin.on('end', () => process.exit())
process.stdout.write('0 ready\n')
