package lab

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
)

// startControl starts the control plane in the order in which one needs another.
func (c *Cluster) startControl(ctx context.Context) error {
	keys := func(name string) string { return filepath.Join(c.Dir, "keys", name) }
	for _, p := range []struct {
		name  string
		args  []string
		ready func() error
	}{
		{"etcd", []string{
			"--data-dir", filepath.Join(c.Dir, "etcd"), "--unsafe-no-fsync",
			"--listen-client-urls", "http://127.0.0.1:2379", "--advertise-client-urls", "http://127.0.0.1:2379",
			"--listen-peer-urls", "http://127.0.0.1:2380", "--initial-advertise-peer-urls", "http://127.0.0.1:2380",
			"--initial-cluster", "default=http://127.0.0.1:2380",
		}, answers("http://127.0.0.1:2379/health")},
		{"kube-apiserver", []string{
			"--etcd-servers=http://127.0.0.1:2379", "--advertise-address=" + apiAddress, "--secure-port=6443",
			"--tls-cert-file=" + keys("api.crt"), "--tls-private-key-file=" + keys("api.key"), "--cert-dir=" + keys("api"),
			"--service-cluster-ip-range=" + services,
			"--service-account-issuer=https://kubernetes.default.svc",
			"--service-account-key-file=" + keys("accounts.key"), "--service-account-signing-key-file=" + keys("accounts.key"),
			"--authorization-mode=Node,RBAC", "--token-auth-file=" + keys("tokens.csv"),
			"--enable-admission-plugins=NodeRestriction", "--allow-privileged=true",
			"--kubelet-preferred-address-types=InternalIP",
		}, c.ready},
		{"kube-controller-manager", []string{
			"--kubeconfig=" + c.Kubeconfig("admin"), "--leader-elect=false", "--allocate-node-cidrs=false",
			"--service-account-private-key-file=" + keys("accounts.key"), "--root-ca-file=" + keys("ca.crt"),
			"--cert-dir=" + keys("controllers"),
			// A node is lost when its lease, renewed every 2 s (Node), has not been renewed for this long.
			"--node-monitor-grace-period=8s", "--node-monitor-period=2s",
		}, nil},
		{"kube-scheduler", []string{
			"--kubeconfig=" + c.Kubeconfig("admin"), "--leader-elect=false", "--cert-dir=" + keys("scheduler"),
		}, nil},
	} {
		run, err := c.start(p.name, append([]string{c.bins.Path(p.name)}, p.args...)...)
		if err != nil {
			return err
		}
		if p.ready != nil {
			if err := until(ctx, run, p.ready); err != nil {
				return err
			}
		}
	}
	return nil
}

// answers asks for a page.
func answers(url string) func() error {
	return func() error {
		resp, err := http.Get(url)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", url, resp.Status)
		}
		return nil
	}
}
