//go:build unix

package worker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/identity"
)

// BenchmarkSyncBatchNorm is a step of ResNet-18 by four workers of one thread each, joined by unix sockets, with
// statistics of each lane and of the whole batch. cpu-ms is the processor time of a step in all workers.
func BenchmarkSyncBatchNorm(b *testing.B) {
	for _, whole := range []string{"false", "true"} {
		b.Run(whole, func(b *testing.B) {
			f := imageFile(b, "resnet18", "model.classes=10", "model.image=64", "batch.global=32", "batch.lanes=8",
				"data.train=generated:train?count=512", "sync_batchnorm="+whole)
			r := &normRing{}
			view, _ := allreduce.EvenView(1, 8, 4)
			next, prev := connectNear(b, view)
			for w := range 4 {
				train, err := OpenData(f, f.Data.Train)
				if err != nil {
					b.Fatal(err)
				}
				lo, hi := view.LanesOf(w)
				tr, err := newTrainer(Config{File: f, Threads: 1, Passes: 1}, laneRange{lo, hi}, train, nil)
				if err != nil {
					b.Fatal(err)
				}
				defer tr.close()
				tr.params.Initialize(1)
				group, err := newGroup(f, view, w, next[w], prev[w], tr.params.Size())
				if err != nil {
					b.Fatal(err)
				}
				r.groups, r.trainers = append(r.groups, group), append(r.trainers, tr)
			}
			step := uint64(0)
			all := func() {
				for _, err := range r.step(step, -1) {
					if err != nil {
						b.Fatal(err)
					}
				}
				step++
			}
			all() // touches all memory
			began := processorTime(b)
			for b.Loop() {
				all()
			}
			b.ReportMetric(float64((processorTime(b)-began).Milliseconds())/float64(b.N), "cpu-ms/op")
			var wg sync.WaitGroup
			for _, g := range r.groups {
				wg.Go(func() { g.Close() })
			}
			wg.Wait()
		})
	}
}

// connectNear makes the links of a ring of workers on one host.
func connectNear(b *testing.B, view allreduce.View) (next, prev []allreduce.Link) {
	authority, err := identity.NewAuthority()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	paths, err := authority.Write(filepath.Join(dir, "tls"), "worker")
	if err != nil {
		b.Fatal(err)
	}
	creds, err := identity.Load(paths.CA, paths.Cert, paths.Key)
	if err != nil {
		b.Fatal(err)
	}
	n := view.Workers()
	listeners := make([]*allreduce.Listener, n)
	for w := range listeners {
		if listeners[w], err = allreduce.Listen(b.Context(), creds.Server(), []string{fmt.Sprintf("unix://%s/%d", dir, w)}); err != nil {
			b.Fatal(err)
		}
		defer listeners[w].Close()
	}
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
	defer cancel()
	next, prev = make([]allreduce.Link, n), make([]allreduce.Link, n)
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() {
			var err error
			to := listeners[(w+1)%n].Addresses()[0]
			if next[w], prev[w], err = allreduce.Connect(ctx, view, w, listeners[w], to, creds.Client(), allreduce.Hello{Run: "norms"}); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return next, prev
}
