package look

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// A text that is too long, or has a byte that the network does not know, is refused before any of it is read.
func TestReadRefusals(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	long := make([]byte, maxReading/280+1) // two states of two layers of 6, and 256 logits
	if _, err := Read(letters(t, 256), pool, long); err == nil || !strings.Contains(err.Error(), "has 280 numbers for each, so at most 958698 are read; give a part of the text") {
		t.Error(err)
	}
	long = append(make([]byte, 900_000), 100)
	if _, err := Read(letters(t, 100), pool, long); err == nil || !strings.Contains(err.Error(), "byte 900000 of the text is 100, and the network has 100 symbols") {
		t.Error(err)
	}
}

// A reading of nothing has the states, in which a cell that there is not is told from one that holds nothing yet.
func TestReadNothing(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	r, err := Read(letters(t, 100), pool, nil)
	if err != nil || len(r.States) != 4 || len(r.Logits) != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	c, err := r.State("")
	if err != nil || c.Name != "rnn.c_l1" || c.Width != 6 {
		t.Errorf("%+v, %v", c, err)
	}
	if held, err := c.Held(5); err != nil || len(held) != 0 {
		t.Errorf("%v, %v", held, err)
	}
	if _, err := c.Held(6); err == nil {
		t.Error("there is no cell 6")
	}
}
