/** A command that sends one datagram; over IPv6 where the address is of it. */
export function datagram(sourcePort: number, port: number, to: string): string {
  const [type, prepare] = to.includes(':') ? ['udp6', ''] : ['udp4', 's.setBroadcast(true); ']
  return `node -e 'const s = require("dgram").createSocket("${type}"); s.bind(${String(sourcePort)}, () => { ${prepare}s.send("x", ${String(port)}, "${to}", () => s.close()) })'`
}
