package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker/machine"
)

// clusterFlags describe a cluster.
type clusterFlags struct {
	nodes                   int
	cores                   float64
	network, latency, price string
	byteCost                string
}

var clusterFlagNames = []string{"nodes", "cores", "network", "latency", "byte-cost", "price"}

func (o *clusterFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.IntVar(&o.nodes, "nodes", 0, "nodes of the cluster, a worker on each, at most batch.lanes; 0: as many")
	f.Float64Var(&o.cores, "cores", 0, "cores of a node, or the share of one: 0.25 where four workers run on a core; 0: as here")
	f.StringVar(&o.network, "network", "10Gbit", "bandwidth of a node, as `10Gbit` or 940Mbit, or local: what processes on this machine reach")
	f.StringVar(&o.latency, "latency", "50us", "`TIME` of a hop from node to node, as 50us or 0.2ms")
	f.StringVar(&o.byteCost, "byte-cost", "", "`TIME` of one core for a byte sent and one received, as 1.4ns; empty: as over loopback here, which takes less than a card")
	f.StringVar(&o.price, "price", "", "of a node, as `0.40/h`; empty: no costs")
}

// minClusterCores and maxClusterCores bound the cores of a node.
const (
	minClusterCores = 0.01
	maxClusterCores = 4096
)

// localNetwork stands for what is measured here.
const localNetwork = "local"

// parse reads the flags for a run. A network that is local has the bandwidth 0.
func (o *clusterFlags) parse(f *runfile.File) (bench.Cluster, error) {
	c := bench.Cluster{Nodes: o.nodes, Cores: o.cores}
	if c.Nodes == 0 {
		c.Nodes = f.Batch.Lanes
	}
	if c.Cores == 0 {
		c.Cores = float64(machine.Threads())
	}
	switch {
	case c.Nodes < 1:
		return c, fmt.Errorf("--nodes %d: at least 1", o.nodes)
	case c.Nodes > f.Batch.Lanes:
		return c, fmt.Errorf("--nodes %d: more than the %d lanes of the run file (batch.lanes); each worker needs one", o.nodes, f.Batch.Lanes)
	case !(c.Cores >= minClusterCores && c.Cores <= maxClusterCores):
		return c, fmt.Errorf("--cores %v: from %v to %d", o.cores, minClusterCores, maxClusterCores)
	}
	var err error
	if o.network != localNetwork {
		c.Network, err = quantityFlag("network", o.network, bitUnits, 1e6, 1e13, "want a bandwidth from 1Mbit to 10000Gbit, as 10Gbit or 940Mbit, or local")
		if err != nil {
			return c, err
		}
	}
	c.Latency, err = quantityFlag("latency", o.latency, durationUnits, 0, 10, "want a time from 0us to 10000ms, as 50us or 0.2ms")
	if err == nil && o.byteCost != "" {
		c.CPU, err = quantityFlag("byte-cost", o.byteCost, durationUnits, 1e-12, 1e-6, "want a time from 0.001ns to 1000ns, as 1.4ns")
	}
	if err == nil && o.price != "" {
		c.Price, err = quantityFlag("price", o.price, priceUnits, 0, 1e6, "want a price from 0/h to 1000000/h, as 0.40/h")
	}
	c.Network, c.Latency, c.CPU = c.Network/1e9, c.Latency*1e6, c.CPU*1e9
	return c, err
}
