package shard

import (
	"net/http"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/data/objects/objectstest"
)

// BenchmarkRemoteStreams reads the rows of a batch of 64 by 64 bytes from a bucket whose requests take 20 ms. The time between steps, 20 ms,
// stands for the network's: ns/read is what a step waits for its data.
func BenchmarkRemoteStreams(b *testing.B) {
	for _, remote := range []bool{false, true} {
		name := map[bool]string{false: "directory", true: "bucket"}[remote]
		b.Run(name, func(b *testing.B) {
			s, _, dir := remoteSet(b, 8<<20)
			s.Interfere(func(*http.Request) objectstest.Fault {
				late := make(chan struct{})
				time.AfterFunc(20*time.Millisecond, func() { close(late) })
				return objectstest.Fault{Until: late}
			})
			if remote {
				dir = s.Address("set/train")
			}
			set, err := Open(dir)
			if err != nil {
				b.Fatal(err)
			}
			const batch, length = 64, 64
			streams, err := NewStreams(set, batch, length)
			if err != nil {
				b.Fatal(err)
			}
			in, target := make([]byte, length), make([]byte, length)
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			reading, worst, step := time.Duration(0), time.Duration(0), 0
			read := func() {
				for row := range batch {
					streams.Foresee(step, row)
				}
				for row := range batch {
					if _, err := streams.Read(step, row, in, target); err != nil {
						b.Fatal(err)
					}
				}
				step++
			}
			read() // nobody could foresee the first step
			b.ResetTimer()
			for b.Loop() {
				<-tick.C
				began := time.Now()
				read()
				took := time.Since(began)
				reading, worst = reading+took, max(worst, took)
			}
			b.ReportMetric(float64(reading.Nanoseconds())/float64(b.N), "ns/read")
			b.ReportMetric(float64(worst.Nanoseconds()), "ns/worst")
		})
	}
}
