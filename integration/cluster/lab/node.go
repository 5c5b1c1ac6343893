package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// Node is a kubelet and its containerd.
type Node struct {
	Name   string
	c      *Cluster
	number int
	dir    string
	cgroup string

	runtime, kubelet *process
}

func (n *Node) address() string { return fmt.Sprintf("10.99.0.%d", 1+n.number) }
func (n *Node) socket() string  { return filepath.Join("/run", n.Name, "containerd.sock") }

// AddNode brings up another node and waits until it is ready. There can be two.
func (c *Cluster) AddNode(ctx context.Context) (*Node, error) {
	n := &Node{c: c, number: len(c.Nodes)}
	n.Name = fmt.Sprintf("node%d", n.number)
	n.dir = filepath.Join(c.Dir, n.Name)
	n.cgroup = filepath.Join(os.Getenv(cgroupName), n.Name)
	if n.number > 0 {
		if err := ip("addr add " + n.address() + "/24 dev node0"); err != nil {
			return nil, err
		}
	}
	if err := n.write(); err != nil {
		return nil, err
	}
	if err := n.Boot(ctx); err != nil {
		return nil, err
	}
	if n.number == 0 {
		if err := c.startNames(ctx); err != nil {
			return nil, err
		}
	}
	c.Nodes = append(c.Nodes, n)
	return n, nil
}

// write lays the node's configuration out.
func (n *Node) write() error {
	for _, d := range []string{"root", "state", "kubelet", "certs", "logs", "cni"} {
		if err := os.MkdirAll(filepath.Join(n.dir, d), 0o755); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(n.socket()), 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"containerd.toml": fmt.Sprintf(containerdConfig, filepath.Join(n.dir, "root"), filepath.Join("/run", n.Name), n.socket(),
			PauseImage, n.c.bins.CNI(), filepath.Join(n.dir, "cni"), n.c.bins.Runc()),
		"cni/10-pods.conflist": fmt.Sprintf(cniConfig, n.number),
		"resolv.conf":          "nameserver " + apiAddress + "\n",
		"kubelet.json":         n.kubeletConfig(),
	} {
		if err := os.WriteFile(filepath.Join(n.dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return makeCgroups(n.cgroup)
}

func (n *Node) startRuntime(ctx context.Context) error {
	runtime, err := n.c.start("containerd-"+n.Name, n.c.bins.Containerd(), "--config", filepath.Join(n.dir, "containerd.toml"))
	if err != nil {
		return err
	}
	n.runtime = runtime
	return until(ctx, runtime, func() error {
		conn, err := net.Dial("unix", n.socket())
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

// startKubelet starts kubelet and waits for the node to be ready.
func (n *Node) startKubelet(ctx context.Context) error {
	kubelet, err := n.c.start("kubelet-"+n.Name, n.c.bins.Path("kubelet"),
		"--config", filepath.Join(n.dir, "kubelet.json"), "--kubeconfig", n.c.Kubeconfig(n.Name),
		"--hostname-override", n.Name, "--node-ip", n.address(),
		"--root-dir", filepath.Join(n.dir, "kubelet"), "--cert-dir", filepath.Join(n.dir, "certs"))
	if err != nil {
		return err
	}
	n.kubelet = kubelet
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-kubelet.ended:
			cancel(kubelet.died())
		case <-ctx.Done():
		}
	}()
	err = Watch(ctx, n.c.API, "/api/v1/nodes", func(all map[string]nodeObject) bool { return all[n.Name].ready() })
	if why := context.Cause(ctx); err != nil && why != nil {
		return fmt.Errorf("%s is not ready: %w; see %s", n.Name, why, kubelet.log)
	}
	return err
}

// kubeletConfig is a KubeletConfiguration, of which JSON is a form too.
func (n *Node) kubeletConfig() string {
	text, _ := json.Marshal(map[string]any{
		"kind": "KubeletConfiguration", "apiVersion": "kubelet.config.k8s.io/v1beta1",
		"failCgroupV1": false, "cgroupDriver": "cgroupfs", "cgroupRoot": "/" + n.cgroup,
		"containerRuntimeEndpoint": "unix://" + n.socket(),
		"authentication":           map[string]any{"anonymous": map[string]any{"enabled": true}, "webhook": map[string]any{"enabled": false}},
		"authorization":            map[string]any{"mode": "AlwaysAllow"},
		"clusterDomain":            "cluster.local", "clusterDNS": []string{apiAddress},
		"resolvConf":                    filepath.Join(n.dir, "resolv.conf"),
		"oomScoreAdj":                   0,
		"enforceNodeAllocatable":        []string{"pods"},
		"evictionHard":                  map[string]string{"nodefs.available": "0%", "imagefs.available": "0%", "memory.available": "50Mi"},
		"makeIPTablesUtilChains":        false,
		"localStorageCapacityIsolation": false,
		"podLogsDir":                    filepath.Join(n.dir, "logs"),
		"nodeLeaseDurationSeconds":      8, // renewed every quarter of it
		"nodeStatusUpdateFrequency":     "2s",
		"failSwapOn":                    false,
		"port":                          10250 + 10*n.number,
		"healthzPort":                   10248 + 10*n.number,
		"volumePluginDir":               filepath.Join(n.dir, "plugins"),
		"imageGCHighThresholdPercent":   100,
		"shutdownGracePeriod":           "0s",
		"registerWithTaints":            []any{},
		"registerNode":                  true,
	})
	return string(text)
}

const containerdConfig = `version = 2
root = %q
state = %q
oom_score = 0
[grpc]
address = %q
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = %q
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = %q
conf_dir = %q
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
BinaryName = %q
SystemdCgroup = false
`

// The two nodes' pods are on bridges of their own; the kernel routes between them.
const cniConfig = `{
  "cniVersion": "0.4.0", "name": "pods%[1]d",
  "plugins": [
    {"type": "bridge", "bridge": "pods%[1]d", "isGateway": true, "hairpinMode": true,
     "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.88.%[1]d.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`
