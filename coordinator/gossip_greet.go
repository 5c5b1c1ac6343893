package coordinator

import "github.com/rondo-ml/rondo/coordinator/api"

type gossipState struct{}

func (c *Coordinator) greet(w *api.Welcome, key []byte) { w.GossipKey = key }
