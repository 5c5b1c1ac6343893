// Command coredns is CoreDNS with what a cluster's names need and no more.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/log"
)

// The order is that of the chain: errors sees what the plugins after it return.
func init() { dnsserver.Directives = []string{"errors", "log", "kubernetes"} }

func main() { coremain.Run() }
