// Command server is the cluster of the tests in one binary: by its first
// argument it is etcd, kube-apiserver or kubectl, each built from the modules
// of its own project. It exists because no prebuilt binaries can be assumed;
// where they can, KUBEBUILDER_ASSETS names their folder and this is not built.
package main

import (
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	// For their side effects, as in the upstream main: the JSON log format and the metrics.
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
)

const usage = "usage: server etcd|kube-apiserver|kubectl [FLAGS]"

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	verb := os.Args[1]
	// The commands parse os.Args themselves.
	os.Args = append([]string{verb}, os.Args[2:]...)
	switch verb {
	case "etcd":
		if err := runEtcd(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "etcd:", err)
			os.Exit(1)
		}
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kubectl":
		if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
			util.CheckErr(err)
		}
	default:
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
}

// runEtcd takes the few flags of the real etcd that the tests use, so that a
// prebuilt one can stand in its place.
func runEtcd(args []string) error {
	config := embed.NewConfig()
	config.LogLevel = "error"
	// The data of a test need not survive a power cut.
	config.UnsafeNoFsync = true
	flags := map[string]func(string) error{
		"--data-dir":                    func(value string) error { config.Dir = value; return nil },
		"--listen-client-urls":          urls(&config.ListenClientUrls),
		"--advertise-client-urls":       urls(&config.AdvertiseClientUrls),
		"--listen-peer-urls":            urls(&config.ListenPeerUrls),
		"--initial-advertise-peer-urls": urls(&config.AdvertisePeerUrls),
	}
	for at := 0; at+1 < len(args); at += 2 {
		set, known := flags[args[at]]
		if !known {
			return fmt.Errorf("unknown flag %q", args[at])
		}
		if err := set(args[at+1]); err != nil {
			return fmt.Errorf("%s: %w", args[at], err)
		}
	}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	server, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	defer server.Close()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-stop:
		return nil
	case err := <-server.Err():
		return err
	}
}

func urls(into *[]url.URL) func(string) error {
	return func(value string) error {
		parsed, err := url.Parse(value)
		if err != nil {
			return err
		}
		*into = []url.URL{*parsed}
		return nil
	}
}
