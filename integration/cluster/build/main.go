// Command build makes the binaries of a Kubernetes cluster, once.
//
//	go run ./build [-cache DIR] [-list]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/rondo-ml/rondo/integration/cluster/binaries"
)

func main() {
	if err := build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func build() error {
	dir, err := binaries.DefaultDir()
	flag.StringVar(&dir, "cache", dir, "`DIR` that keeps the binaries")
	list := flag.Bool("list", false, "list what is missing, and make nothing")
	flag.Parse()
	if dir == "" {
		return err
	}
	set := binaries.Set{Dir: dir}
	if *list {
		for _, m := range set.Missing() {
			fmt.Println(m)
		}
		return nil
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return set.Make(ctx, os.Stdout)
}
