package lab

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// startNames starts what gives services their names and addresses.
func (c *Cluster) startNames(ctx context.Context) error {
	_, err := c.start("kube-proxy", c.bins.Path("kube-proxy"), "--kubeconfig", c.Kubeconfig("admin"),
		"--proxy-mode=nftables", "--conntrack-max-per-core=0", "--hostname-override=node0",
		"--healthz-bind-address=127.0.0.1:10256", "--metrics-bind-address=127.0.0.1:10249")
	if err != nil {
		return err
	}
	corefile := filepath.Join(c.Dir, "Corefile")
	if err := os.WriteFile(corefile, fmt.Appendf(nil, ".:53 {\n  errors\n  kubernetes cluster.local {\n    kubeconfig %s\n    ttl 1\n  }\n}\n", c.Kubeconfig("admin")), 0o644); err != nil {
		return err
	}
	names, err := c.start("coredns", c.bins.Path("coredns"), "-conf", corefile)
	if err != nil {
		return err
	}
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, apiAddress+":53")
	}}
	return until(ctx, names, func() error {
		_, err := resolver.LookupHost(ctx, "kubernetes.default.svc.cluster.local.")
		return err
	})
}
