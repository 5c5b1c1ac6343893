package memory

import (
	"fmt"
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
)

// of plans a kind with its defaults, or with the config, for one row.
func of(t *testing.T, kind string, config any) *Plan {
	t.Helper()
	info, _ := zoo.Lookup(kind)
	steps := 1
	if info.Sequences {
		steps = 8
	}
	if config == nil {
		config = info.Config()
		info.Derive(config, func(string) bool { return false })
	}
	n, err := zoo.New(kind, config)
	if err != nil {
		t.Fatal(err)
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	p, err := Of(n, pool, 1, steps)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestByHand counts a network of one branch by hand, in float32.
func TestByHand(t *testing.T) {
	p := of(t, "scheme", zoo.Scheme{Layers: "conv 4 → relu → pool → conv 8 1x1 → mean → fc", Classes: 10, Height: 8, Width: 8, Channels: 3})
	const image, conv1, pool, conv2, mean, fc = 4 * 3 * 64, 4 * 4 * 64, 4 * 4 * 16, 4 * 8 * 16, 4 * 8, 4 * 10
	var got []string
	for _, m := range p.Moments {
		got = append(got, fmt.Sprint(m.Kind, " ", m.Bytes))
	}
	want := []string{
		fmt.Sprint("conv2d + relu ", image+conv1), fmt.Sprint("max pool ", conv1+pool), fmt.Sprint("conv2d ", pool+conv2),
		fmt.Sprint("avg pool ", conv2+mean), fmt.Sprint("linear ", mean+fc),
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	if p.Peak != (Peak{image + conv1, 0}) || p.Best == nil || p.Best.Peak != p.Peak || p.Weights != 4*(4*27+4+8*4+8+80+10) {
		t.Errorf("%+v, best %+v, %d bytes of weights", p.Peak, p.Best, p.Weights)
	}
	// Convolution, pool and 1x1 a channel at a time: the image, what they yield, a channel of either value between.
	if want := (Run{0, 2, image + conv2 + 4*(64+16)}); p.Fused.Runs[0] != want || p.Fused.Bytes != want.Bytes {
		t.Errorf("runs %+v, want first %+v", p.Fused.Runs, want)
	}
}

// materialized is the most channels of a value of each resolution, and the bytes of the largest in 16 bits. With fused
// plans only what is between runs counts.
func materialized(p *Plan, fused bool) (channels map[int]int, most int64) {
	channels = map[int]int{}
	for _, r := range p.Fused.Runs {
		for k := r.From; k <= r.To; k++ {
			if fused && k < r.To {
				continue
			}
			v := p.Values[p.Moments[k].Writes[0]]
			if len(v.Shape) == 3 {
				channels[v.Shape[1]] = max(channels[v.Shape[1]], v.Shape[0])
				most = max(most, v.Bytes/2)
			}
		}
	}
	return channels, most
}

// TestTable3 holds what must be kept in memory against table 3 of Sandler et al. (2018), which counts 16 bits a value. Of
// MobileNetV2 it has 1600, 400 and what lies between are the ends of the bottlenecks of its table 2; the first layer is joined
// with the first bottleneck, as its caption says.
func TestTable3(t *testing.T) {
	v1, most1 := materialized(of(t, "mobilenetv1", nil), false)
	for side, want := range map[int]int{112: 64, 56: 128, 28: 256, 14: 512, 7: 1024} {
		if v1[side] != want {
			t.Errorf("MobileNetV1 has %d channels of %d pixels a side, want %d", v1[side], side, want)
		}
	}
	v2, most2 := materialized(of(t, "mobilenetv2", nil), true)
	for side, want := range map[int]int{112: 16, 56: 24, 28: 32, 14: 96} {
		if v2[side] != want {
			t.Errorf("MobileNetV2 has %d channels of %d pixels a side, want %d", v2[side], side, want)
		}
	}
	if most1 != 2*64*112*112 || most2 != 2*16*112*112 { // "1600K" and "400K"
		t.Errorf("the largest have %d and %d bytes", most1, most2)
	}
}

// TestBottlenecks counts the peaks of both sorts of bottleneck by hand: one that is narrow at its ends loses most of its
// memory when it is computed channel by channel, one that is wide there next to nothing.
func TestBottlenecks(t *testing.T) {
	const large, small = 4 * 112 * 112, 4 * 56 * 56 // bytes of a channel
	inverted := of(t, "mobilenetv2", nil)
	// The depthwise convolution of the second block: 96 channels of either size.
	if want := int64(96*large + 96*small); inverted.Peak.Bytes != want || inverted.Best == nil || inverted.Best.Bytes != want || inverted.Moments[inverted.Peak.At].Kind != "depthwise + batch norm + relu6" {
		t.Errorf("MobileNetV2: %+v, best %+v; want %d", inverted.Peak, inverted.Best, want)
	}
	// The first layer and the first block: the image, 16 channels, and one channel of each of the two values between.
	if want := int64(3*4*224*224 + 16*large + 2*large); inverted.Fused.Bytes != want {
		t.Errorf("MobileNetV2, fused: %+v, want %d", inverted.Fused.Peak, want)
	}
	wide := of(t, "resnet50", nil)
	// The last convolution of a block of the first stage: what came into the block, what it reads and what it makes.
	if want := int64((256 + 64 + 256) * small); wide.Peak.Bytes != want {
		t.Errorf("ResNet-50: %+v, want %d", wide.Peak, want)
	}
	// Joined with the one before, what is between them is one channel; its input of 64 channels stays.
	if want := int64((256 + 64 + 256) * small); wide.Fused.Bytes > want || wide.Fused.Bytes < 2*256*small {
		t.Errorf("ResNet-50, fused: %+v, want up to %d", wide.Fused.Peak, want)
	}
}

// TestAllKinds plans every kind and wants what must hold of any plan.
func TestAllKinds(t *testing.T) {
	for _, info := range zoo.Kinds() {
		p := of(t, info.Kind, nil)
		if p.Peak.Bytes <= 0 || p.Moments[p.Peak.At].Bytes != p.Peak.Bytes || p.Fused.Bytes > p.Peak.Bytes || p.Rondo <= 0 {
			t.Errorf("%s: peak %+v, fused %+v, tape %d", info.Kind, p.Peak, p.Fused.Peak, p.Rondo)
		}
		if p.Best != nil && (p.Best.Bytes > p.Peak.Bytes || len(p.Best.Order) != len(p.Moments)) {
			t.Errorf("%s: the best order needs %d, the network's own %d", info.Kind, p.Best.Bytes, p.Peak.Bytes)
		}
		for k, m := range p.Moments {
			if len(m.Writes) == 0 {
				t.Errorf("%s: operation %d, %s, yields nothing", info.Kind, k, m.Name)
			}
			sum := int64(0)
			for _, v := range slices.Concat(m.Reads, m.Writes, m.Held) {
				sum += p.Values[v].Bytes
			}
			if m.Over >= 0 {
				sum -= p.Values[m.Over].Bytes
			}
			if sum != m.Bytes {
				t.Errorf("%s: operation %d, %s: %d bytes, and %d of its values", info.Kind, k, m.Name, m.Bytes, sum)
			}
		}
		if testing.Verbose() {
			best := int64(-1)
			if p.Best != nil {
				best = p.Best.Bytes
			}
			t.Logf("%-24s peak %9d best %9d fused %9d tape %9d", info.Kind, p.Peak.Bytes, best, p.Fused.Bytes, p.Rondo)
		}
	}
}
