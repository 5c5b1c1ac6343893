// Command rondo trains networks on clusters of ordinary CPUs.
package main

import "github.com/rondo-ml/rondo/cmd"

func main() { cmd.Main() }
