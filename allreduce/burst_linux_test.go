package allreduce

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
)

// What is read beneath TLS comes whole and in order, however it is asked for, and
// then the end.
func TestBurstRead(t *testing.T) {
	a, b := socketPair(t)
	rng := rand.New(rand.NewPCG(7, 7))
	sent := make([]byte, 5*aheadSize+1)
	for i := range sent {
		sent[i] = byte(rng.Uint32())
	}
	go func() {
		_, _ = a.Write(sent)
		a.Close()
	}()
	c := newBurst(b)
	var got []byte
	for {
		part := make([]byte, 1+rng.IntN([]int{5, 1000, 20_000, 2 * aheadSize}[rng.IntN(4)]))
		n, err := c.Read(part)
		if got = append(got, part[:n]...); err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, sent) {
		t.Errorf("%d bytes came, and not those %d that were sent", len(got), len(sent))
	}
}
