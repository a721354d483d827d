/** What is served to everybody without further ado. */
export const PUBLIC_PORTS: readonly number[] = [80, 443]

interface RiskyPort {
  readonly port: number
  readonly protocol: 'TCP' | 'UDP'
  readonly service: string
}

/** How machines are managed and where data lies: ports that have no business with the whole Internet. */
export const RISKY_PORTS: readonly RiskyPort[] = [
  { port: 22, protocol: 'TCP', service: 'SSH' },
  { port: 23, protocol: 'TCP', service: 'Telnet' },
  { port: 135, protocol: 'TCP', service: 'RPC' },
  { port: 445, protocol: 'TCP', service: 'SMB' },
  { port: 1433, protocol: 'TCP', service: 'SQL Server' },
  { port: 1521, protocol: 'TCP', service: 'Oracle' },
  { port: 2375, protocol: 'TCP', service: 'Docker' },
  { port: 2379, protocol: 'TCP', service: 'etcd' },
  { port: 3306, protocol: 'TCP', service: 'MySQL' },
  { port: 3389, protocol: 'TCP', service: 'RDP' },
  { port: 3389, protocol: 'UDP', service: 'RDP' },
  { port: 5432, protocol: 'TCP', service: 'PostgreSQL' },
  { port: 5900, protocol: 'TCP', service: 'VNC' },
  { port: 5985, protocol: 'TCP', service: 'WinRM' },
  { port: 6379, protocol: 'TCP', service: 'Redis' },
  { port: 6443, protocol: 'TCP', service: 'Kubernetes' },
  { port: 9200, protocol: 'TCP', service: 'Elasticsearch' },
  { port: 10_250, protocol: 'TCP', service: 'kubelet' },
  { port: 11_211, protocol: 'TCP', service: 'Memcached' },
  { port: 11_211, protocol: 'UDP', service: 'Memcached' },
  { port: 27_017, protocol: 'TCP', service: 'MongoDB' },
]
