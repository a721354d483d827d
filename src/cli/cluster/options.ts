import { Option } from 'commander'

export function kubeconfigOption(): Option {
  return new Option('--kubeconfig <file>', 'which kubeconfig; as kubectl finds it otherwise')
}

export function contextOption(): Option {
  return new Option('--context <name>', 'which context of the kubeconfig; its current one otherwise')
}

export function healthAddressOption(): Option {
  return new Option('--health-address <address>', 'where /healthz and /readyz answer').default(':8081')
}
