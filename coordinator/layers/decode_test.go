package layers

import (
	"bytes"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A message of millions of empty layers, or of empty things in a layer, is refused before it takes a hundred times its bytes.
func TestDecodeCounts(t *testing.T) {
	empty := bytes.Repeat([]byte{0x12, 0}, 1<<20) // field 2, of no bytes
	inner := append([]byte{0x12, 0x80, 0x80, 0x80, 0x01}, empty[:1<<21]...)
	for name, text := range map[string][]byte{"layers": empty, "fields of layers": inner} {
		h := testing.AllocsPerRun(1, func() {
			if _, err := DecodeHealth(text); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
		})
		if h > 100 {
			t.Errorf("%s: %v allocations", name, h)
		}
	}
	whole := &api.Health{Step: 7, Layers: []*api.LayerHealth{{Units: 3, Parameters: []*api.ParameterHealth{{Weight: &api.Distribution{Count: 4}}}}}}
	text, err := proto.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := DecodeHealth(text); err != nil || !proto.Equal(h, whole) {
		t.Errorf("%v, %v", h, err)
	}
	if _, err := DecodeHealth(text[:len(text)-1]); err == nil {
		t.Error("a torn message is taken")
	}
	if n, err := DecodeNetwork([]byte{0x0a, 0x00}); err != nil || len(n.Layers) != 1 {
		t.Errorf("a network of a layer: %v, %v", n, err)
	}
}
